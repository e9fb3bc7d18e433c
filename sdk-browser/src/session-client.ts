import type { Session, SessionOptions } from './session.ts';

export type CreateSession = (options: SessionOptions) => Session;
export declare const createSession: CreateSession;
