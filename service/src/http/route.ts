import type { ErrorCode } from '@latchkey/contract';
import { z } from 'zod';
import type { Actor } from '../flow/admin/actor.ts';
import type { Caller, Client, ClientCredential, Deadline, Endpoint } from '../flow/types.ts';
import type { Arrival } from './middleware/arrival.ts';
import { type BodyFormat, defaultBodyLimit } from './middleware/body.ts';

/** What the authentication of a route adds to its calls. */
interface Principals {
  readonly none: object;
  /** The caller, whose access token was good. */
  readonly bearer: { readonly caller: Caller };
  /** A backend's credential, which is still to be checked. */
  readonly client: { readonly client: ClientCredential };
  /** An operator, or a backend with the scope `admin`. */
  readonly admin: { readonly actor: Actor };
}

type Auth = keyof Principals;

/** A request once it has passed the guard. */
export interface RouteCall<Body = unknown, Params = unknown, Query = unknown> {
  readonly body: Body;
  readonly params: Params;
  readonly query: Query;
  readonly peer: Client;
  /** The proof in the `DPoP` header. */
  readonly proof: string | undefined;
  /** Method and path as they came. */
  readonly endpoint: Endpoint;
  /** How the request arrived, as the last proxy sent it. */
  readonly arrival: () => Arrival;
  /** True once the client has disconnected. */
  readonly isDisconnected: () => boolean;
  /** Until when the request counts. @throws unavailable the database's clock is unknown */
  readonly deadline: (askedAt?: number) => Deadline;
}

/** What the API document says of a route. */
interface RouteDescription {
  /** Name of the operation in generated clients. */
  readonly operationId: string;
  readonly summary: string;
  /** What the flow can throw, beside the codes that follow from authentication, body and query. Default: nothing. */
  readonly errors?: readonly ErrorCode[];
}

/** One row of the table of routes. */
export interface HttpRoute extends RouteDescription {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly auth: Auth;
  /** Allowed origins only, because no other page may post a password. */
  readonly firstParty: boolean;
  /** Without a schema the request has no body. */
  readonly body: z.ZodType | undefined;
  readonly accepts: BodyFormat;
  /** Most bytes of the body. */
  readonly maxBytes: number;
  /** Name of the list in the body whose objects the handler judges one by one; `undefined`: none. */
  readonly list: string | undefined;
  readonly params: z.ZodType | undefined;
  /** Unless the row says otherwise, each key is refused. */
  readonly query: z.ZodType;
  readonly response: z.ZodType;
  readonly status: number | StatusChoice<never>;
  /** The answer is an image, not JSON. */
  readonly isImage: boolean;
  readonly cache: 'no-store' | 'public, max-age=60' | 'public, max-age=31536000, immutable';
  readonly handle: (call: never) => unknown;
}

/** What a row may leave out; a row says the rest. */
const defaults = {
  firstParty: false,
  body: undefined,
  accepts: 'json',
  maxBytes: defaultBodyLimit,
  list: undefined,
  isImage: false,
  params: undefined,
  query: z.strictObject({}),
  status: 200,
  cache: 'no-store',
} as const;

/** A status that depends on the answer. */
interface StatusChoice<Answer> {
  /** Each status, with the schema of its answers. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  readonly choose: (answer: Answer) => number;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

interface Row<A extends Auth, R extends z.ZodType, B, P, Q> extends RouteDescription {
  readonly firstParty?: true;
  readonly body?: B;
  readonly accepts?: BodyFormat;
  readonly maxBytes?: number;
  readonly list?: string;
  readonly isImage?: true;
  readonly params?: P;
  readonly query?: Q;
  readonly response: R;
  readonly status?: number | StatusChoice<z.output<R>>;
  readonly cache?: HttpRoute['cache'];
  readonly handle: (
    call: RouteCall<Parsed<B>, Parsed<P>, Parsed<Q>> & Principals[A],
  ) => z.output<R> | Promise<z.output<R>>;
}

/** Returns the function that makes the rows of routes with this authentication. */
const routeWith =
  <A extends Auth>(auth: A) =>
  <R extends z.ZodType, B = undefined, P = undefined, Q = undefined>(
    method: HttpRoute['method'],
    path: string,
    row: Row<A, R, B, P, Q>,
  ): HttpRoute =>
    ({ ...defaults, auth, method, path, ...row }) as HttpRoute;

export const publicRoute = routeWith('none');
/** For callers with an access token. */
export const userRoute = routeWith('bearer');
/** For backends, by their credential in the header or in the body. */
export const clientRoute = routeWith('client');
/** For operators, and for backends with the scope `admin`. */
export const adminRoute = routeWith('admin');
