import type { Peer } from '@latchkey/sdk-server';
import type { z } from 'zod';
import type { Caller } from '../flow/flows.ts';
import type { BodyFormat } from './body.ts';

/** A request once it has passed the guard. */
export interface Call<Body = unknown, Params = unknown> {
  readonly body: Body;
  readonly params: Params;
  readonly peer: Peer;
  /** True once the asker has gone. */
  readonly isGone: () => boolean;
}

/** A request whose access token was good. */
export interface SignedCall<Body = unknown, Params = unknown> extends Call<Body, Params> {
  readonly caller: Caller;
}

/** One row of the table of routes. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly auth: 'none' | 'bearer';
  /** Front ends of the list only: no page of a stranger may post a password. */
  readonly firstParty: boolean;
  readonly body: z.ZodType | undefined;
  readonly accepts: BodyFormat;
  readonly params: z.ZodType | undefined;
  readonly answer: z.ZodType;
  readonly status: number | ((answer: never) => number);
  readonly cache: 'no-store' | 'public, max-age=60';
  readonly handle: (call: never) => unknown;
}

/** What a row may leave out; a row says the rest. */
const usual = {
  auth: 'none',
  firstParty: false,
  body: undefined,
  accepts: 'json',
  params: undefined,
  status: 200,
  cache: 'no-store',
} as const;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

interface Row<B, P, A extends z.ZodType> {
  readonly firstParty?: true;
  readonly body?: B;
  readonly accepts?: BodyFormat;
  readonly params?: P;
  readonly answer: A;
  readonly status?: number | ((answer: z.output<A>) => number);
  readonly cache?: Route['cache'];
}

type Method = Route['method'];

/** A row for everybody. */
export function open<A extends z.ZodType, B = undefined, P = undefined>(
  method: Method,
  path: string,
  row: Row<B, P, A> & { handle: (call: Call<Parsed<B>, Parsed<P>>) => z.output<A> | Promise<z.output<A>> },
): Route {
  return { ...usual, method, path, ...row } as Route;
}

/** A row for callers with an access token. */
export function bearer<A extends z.ZodType, B = undefined, P = undefined>(
  method: Method,
  path: string,
  row: Row<B, P, A> & { handle: (call: SignedCall<Parsed<B>, Parsed<P>>) => z.output<A> | Promise<z.output<A>> },
): Route {
  return { ...usual, auth: 'bearer', method, path, ...row } as Route;
}
