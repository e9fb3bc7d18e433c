'use client';

export { SessionProvider, type SessionProviderProps } from './session-provider.ts';
export { useApi } from './use-api.ts';
export { type CurrentSession, useSession } from './use-session.ts';
