import { type ApiCalls, type ApiOf, events, type HasApiCalls, type IfVerbatim } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import { notifyListener } from '../platform/subscribable.ts';
import type { Unsubscribe } from '../session.ts';
import type { Outbox } from './outbox.ts';
import type { CallOptions } from './pending-call.ts';

type Params<Calls, Name extends keyof Calls> = Calls[Name] extends { readonly params: infer P } ? P : never;
type Result<Calls, Name extends keyof Calls> = Calls[Name] extends { readonly result: infer R } ? R : never;
/** Params may be left out where `undefined` is one of them. */
type Arguments<P> = undefined extends P ? [params?: P, options?: CallOptions] : [params: P, options?: CallOptions];
/** The type of an api whose server's is not at hand: any call, and nothing is known of the answers. */
export type AnyApi = HasApiCalls<ApiCalls>;

/** One api of the app's server, over the session's socket. */
export interface ApiClient<Api extends HasApiCalls<unknown> = AnyApi> {
  /**
   * Calls `name` on the server and resolves with its answer.
   *
   * Rejects with a `Failure`: what the server refused with, such as `invalid_request` with `details`, `forbidden` or
   * `unknown_call`; `unauthenticated` when nobody is signed in, or the session of this call ended meanwhile;
   * `unavailable` (retryable) while the session reconnects, when the connection was lost before the answer, so that
   * nobody knows whether the call ran, and at the deadline. With an `idempotencyKey` a lost answer is asked for again
   * after the reconnect, and so is a call that a stopping server did not take; one that the server wants later
   * (`rate_limited`, `busy`, with `retryAfterMs`) is sent then, if its deadline allows. Rejects with the signal's reason,
   * an `AbortError` unless another was given, when it is aborted; with a `TypeError` for params that JSON cannot hold;
   * with `payload_too_large` (final) for params above the server's `maxHttpBufferSize`, before anything is sent.
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
   * What the server's handlers `emit` and `broadcast`. Nothing checks `payload`: its type is the caller's word, but it has to
   * be one that arrives as JSON (a `Date` arrives as a string). What is sent while this tab is offline does not come later.
   * What the listener throws is reported, and harms nothing.
   */
  on<Payload = unknown>(event: string, listener: ((payload: Payload) => void) & IfVerbatim<Payload>): Unsubscribe;
}

const reservedNames: readonly string[] = Object.values(events);

function createApiClient(name: string, { outbox, socket }: { outbox: Outbox; socket: Socket }): ApiClient {
  if (!name || reservedNames.includes(name)) throw new TypeError(`An api cannot be named '${name}'.`);
  return Object.freeze<ApiClient>({
    call: (call, params?, options = {}) => outbox.post({ api: name, name: call, params }, options),
    on<Payload>(event: string, listener: (payload: Payload) => void) {
      const hear = (payload: Payload): void => notifyListener(listener, payload);
      socket.on(event, hear);
      return () => void socket.off(event, hear);
    },
  });
}

/** Makes each api's client once. */
export function createApis(deps: { outbox: Outbox; socket: Socket }) {
  const clients = new Map<string, ApiClient>();
  return <Api extends HasApiCalls<unknown> = AnyApi>(name: string): ApiClient<Api> => {
    const client = clients.get(name) ?? createApiClient(name, deps);
    clients.set(name, client);
    return client as unknown as ApiClient<Api>;
  };
}
