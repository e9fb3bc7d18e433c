import { type ApiCalls, type ApiOf, events, type HasApiCalls, type IfVerbatim } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import { notifyListener } from '../platform/subscribable.ts';
import type { Unsubscribe } from '../session/session.ts';
import type { Outbox } from './outbox.ts';
import type { CallOptions } from './pending-call.ts';

type Params<Calls, Name extends keyof Calls> = Calls[Name] extends { readonly params: infer P } ? P : never;
type Result<Calls, Name extends keyof Calls> = Calls[Name] extends { readonly result: infer R } ? R : never;
/** Params are optional where `undefined` is allowed. */
type Arguments<P> = undefined extends P ? [params?: P, options?: CallOptions] : [params: P, options?: CallOptions];
/** The api type when the server's type is not available: any call, with answers of type `unknown`. */
export type AnyApi = HasApiCalls<ApiCalls>;

/** Client of one api of the app's server, over the socket of the session. */
export interface ApiClient<Api extends HasApiCalls<unknown> = AnyApi> {
  /**
   * Calls `name` on the server and resolves with its answer.
   *
   * Rejects with a `Failure`:
   * - the code of the server, such as `invalid_request` with `details`, `forbidden` or `unknown_call`
   * - `unauthenticated` when no user is signed in, or when the session of this call has ended
   * - `unavailable` (retryable) while the session reconnects, at the deadline, and when the connection was lost before the
   *   answer. The server may or may not have run the call
   * - `payload_too_large` (final) for params above `maxHttpBufferSize` of the server. Nothing is sent
   *
   * Rejects with the reason of the signal when it is aborted, and with `TypeError` for params that JSON cannot hold.
   *
   * With an `idempotencyKey` the call is sent again after a lost answer, and after a server that is about to stop refused it.
   * After `rate_limited` or `busy` with `retryAfterMs` it is sent at that time, if that is before the deadline.
   *
   * @example
   * const page = await api.call('list', { page: 1 });
   * await api.call('transfer', { to, amount }, { idempotencyKey: crypto.randomUUID(), timeoutMs: 30_000, queue: true });
   */
  call<Name extends keyof ApiOf<Api> & string>(
    name: Name,
    ...rest: Arguments<Params<ApiOf<Api>, Name>>
  ): Promise<Result<ApiOf<Api>, Name>>;
  /**
   * Calls `listener` with what the server's handlers `emit` and `broadcast`. The payload is not validated. Its type must be one
   * that JSON preserves (a `Date` arrives as a string). Events that are sent while this tab is offline are lost. An error of the
   * listener is reported to the page only. Returns the function that removes the listener.
   */
  on<Payload = unknown>(event: string, listener: ((payload: Payload) => void) & IfVerbatim<Payload>): Unsubscribe;
}

const reservedNames: readonly string[] = Object.values(events);

function createApiClient(name: string, { outbox, socket }: { outbox: Outbox; socket: Socket }): ApiClient {
  if (!name || reservedNames.includes(name))
    throw new TypeError(`An api cannot be named '${name}': the name is empty or an event of the protocol.`);
  return Object.freeze<ApiClient>({
    call: (call, params?, options = {}) => outbox.post({ api: name, name: call, params }, options),
    on<Payload>(event: string, listener: (payload: Payload) => void) {
      const notify = (payload: Payload): void => notifyListener(listener, payload);
      socket.on(event, notify);
      return () => void socket.off(event, notify);
    },
  });
}

/** Returns a function that creates the client of an api at its first call and returns the same one afterwards. */
export function createApis(deps: { outbox: Outbox; socket: Socket }) {
  const clients = new Map<string, ApiClient>();
  return <Api extends HasApiCalls<unknown> = AnyApi>(name: string): ApiClient<Api> => {
    const client = clients.get(name) ?? createApiClient(name, deps);
    clients.set(name, client);
    return client as unknown as ApiClient<Api>;
  };
}
