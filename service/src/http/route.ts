import type { Peer } from '@latchkey/sdk-server';
import type { z } from 'zod';
import type { Actor } from '../flow/admin/actor.ts';
import type { Endpoint } from '../flow/proved-key.ts';
import type { BackendCredential, Caller, Deadline } from '../flow/types.ts';
import type { BodyFormat } from './body.ts';
import type { ClientFields } from './client-credential.ts';

/** A request once it has passed the guard. */
export interface Call<Body = unknown, Params = unknown> {
  readonly body: Body;
  readonly params: Params;
  readonly peer: Peer;
  /** What stands in the `DPoP` header. */
  readonly proof: string | undefined;
  /** Method and path as they came. */
  readonly endpoint: Endpoint;
  /** True once the asker has gone. */
  readonly isGone: () => boolean;
  /** Until when the request counts. @throws unavailable the database's clock is unknown */
  readonly deadline: (askedAt?: number) => Deadline;
}

/** A request whose access token was good. */
export interface SignedCall<Body = unknown, Params = unknown> extends Call<Body, Params> {
  readonly caller: Caller;
}

/** A request with a backend's credential, which is still to be checked. */
export interface ClientCall<Body = unknown, Params = unknown> extends Call<Body, Params> {
  readonly client: BackendCredential;
}

/** A request of an operator, or of a backend with the scope `admin`. */
interface AdminCall<Body = unknown, Params = unknown, Query = unknown> extends Call<Body, Params> {
  readonly actor: Actor;
  readonly query: Query;
}

/** One row of the table of routes. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly auth: 'none' | 'bearer' | 'client' | 'admin';
  /** Front ends of the list only: no page of a stranger may post a password. */
  readonly firstParty: boolean;
  readonly body: z.ZodType | undefined;
  readonly accepts: BodyFormat;
  readonly params: z.ZodType | undefined;
  /** What stands behind the `?`; without a schema it is not looked at. */
  readonly query: z.ZodType | undefined;
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
  query: undefined,
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
export function open<A extends z.ZodType, B = undefined, P = undefined, Q = undefined>(
  method: Method,
  path: string,
  row: Row<B, P, A> & {
    readonly query?: Q;
    handle: (call: Call<Parsed<B>, Parsed<P>> & { readonly query: Parsed<Q> }) => z.output<A> | Promise<z.output<A>>;
  },
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

/** A row for backends, by their credential in the header or in the body. */
export function client<A extends z.ZodType, B extends z.ZodType<ClientFields>>(
  method: Method,
  path: string,
  row: Row<B, undefined, A> & {
    handle: (call: ClientCall<Parsed<B>, undefined>) => z.output<A> | Promise<z.output<A>>;
  },
): Route {
  return { ...usual, auth: 'client', method, path, ...row } as Route;
}

/** A row for operators, and for backends with the scope `admin`. */
export function admin<A extends z.ZodType, B = undefined, P = undefined, Q = undefined>(
  method: Method,
  path: string,
  row: Omit<Row<B, P, A>, 'firstParty' | 'accepts' | 'cache'> & {
    readonly query?: Q;
    handle: (call: AdminCall<Parsed<B>, Parsed<P>, Parsed<Q>>) => z.output<A> | Promise<z.output<A>>;
  },
): Route {
  return { ...usual, auth: 'admin', method, path, ...row } as Route;
}
