import type { z } from 'zod';
import type { Actor } from '../flow/admin/actor.ts';
import type { Caller, Client, ClientCredential, Deadline, Endpoint } from '../flow/types.ts';
import type { BodyFormat } from './middleware/body.ts';
import type { ClientFields } from './middleware/client-credential.ts';

/** A request once it has passed the guard. */
export interface RouteCall<Body = unknown, Params = unknown> {
  readonly body: Body;
  readonly params: Params;
  readonly peer: Client;
  /** The proof in the `DPoP` header. */
  readonly proof: string | undefined;
  /** Method and path as they came. */
  readonly endpoint: Endpoint;
  /** True once the client has disconnected. */
  readonly isDisconnected: () => boolean;
  /** Until when the request counts. @throws unavailable the database's clock is unknown */
  readonly deadline: (askedAt?: number) => Deadline;
}

/** A request whose access token was good. */
export interface UserRouteCall<Body = unknown, Params = unknown> extends RouteCall<Body, Params> {
  readonly caller: Caller;
}

/** A request with a backend's credential, which is still to be checked. */
export interface ClientRouteCall<Body = unknown, Params = unknown> extends RouteCall<Body, Params> {
  readonly client: ClientCredential;
}

/** A request of an operator, or of a backend with the scope `admin`. */
interface AdminRouteCall<Body = unknown, Params = unknown, Query = unknown> extends RouteCall<Body, Params> {
  readonly actor: Actor;
  readonly query: Query;
}

/** One row of the table of routes. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly auth: 'none' | 'bearer' | 'client' | 'admin';
  /** Allowed origins only, because no other page may post a password. */
  readonly firstParty: boolean;
  readonly body: z.ZodType | undefined;
  readonly accepts: BodyFormat;
  readonly params: z.ZodType | undefined;
  /** The query. Ignored without a schema. */
  readonly query: z.ZodType | undefined;
  readonly response: z.ZodType;
  readonly status: number | ((answer: never) => number);
  readonly cache: 'no-store' | 'public, max-age=60';
  readonly handle: (call: never) => unknown;
}

/** What a row may leave out; a row says the rest. */
const defaults = {
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
  readonly response: A;
  readonly status?: number | ((answer: z.output<A>) => number);
  readonly cache?: HttpRoute['cache'];
}

type Method = HttpRoute['method'];

/** A route without authentication. */
export function publicRoute<A extends z.ZodType, B = undefined, P = undefined, Q = undefined>(
  method: Method,
  path: string,
  row: Row<B, P, A> & {
    readonly query?: Q;
    handle: (
      call: RouteCall<Parsed<B>, Parsed<P>> & { readonly query: Parsed<Q> },
    ) => z.output<A> | Promise<z.output<A>>;
  },
): HttpRoute {
  return { ...defaults, method, path, ...row } as HttpRoute;
}

/** A row for callers with an access token. */
export function userRoute<A extends z.ZodType, B = undefined, P = undefined>(
  method: Method,
  path: string,
  row: Row<B, P, A> & { handle: (call: UserRouteCall<Parsed<B>, Parsed<P>>) => z.output<A> | Promise<z.output<A>> },
): HttpRoute {
  return { ...defaults, auth: 'bearer', method, path, ...row } as HttpRoute;
}

/** A row for backends, by their credential in the header or in the body. */
export function clientRoute<A extends z.ZodType, B extends z.ZodType<ClientFields>>(
  method: Method,
  path: string,
  row: Row<B, undefined, A> & {
    handle: (call: ClientRouteCall<Parsed<B>, undefined>) => z.output<A> | Promise<z.output<A>>;
  },
): HttpRoute {
  return { ...defaults, auth: 'client', method, path, ...row } as HttpRoute;
}

/** A row for operators, and for backends with the scope `admin`. */
export function adminRoute<A extends z.ZodType, B = undefined, P = undefined, Q = undefined>(
  method: Method,
  path: string,
  row: Omit<Row<B, P, A>, 'firstParty' | 'accepts' | 'cache'> & {
    readonly query?: Q;
    handle: (call: AdminRouteCall<Parsed<B>, Parsed<P>, Parsed<Q>>) => z.output<A> | Promise<z.output<A>>;
  },
): HttpRoute {
  return { ...defaults, auth: 'admin', method, path, ...row } as HttpRoute;
}
