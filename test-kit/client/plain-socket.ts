import { setTimeout as sleep } from 'node:timers/promises';
import type { Authenticated, Unauthorized } from '@latchkey/contract';
import { io, type Socket } from 'socket.io-client';
import type { Secrets } from '../node/secrets.ts';

/** When the client says that it has stored the token: at once, when told to, or not at all. */
type Acknowledging = 'now' | 'later' | 'never';

export interface PlainSocketOptions {
  /** Goes into the handshake; a function is asked once the engine id is known. */
  readonly auth?: object | ((engineId: string) => object);
  readonly acknowledging?: Acknowledging;
  readonly headers?: Record<string, string>;
}

/** How the service answered a credential. */
export type Outcome =
  | { readonly event: 'authenticated'; readonly payload: Authenticated }
  | { readonly event: 'unauthorized'; readonly payload: Unauthorized };

/** A socket of socket.io-client that never reconnects by itself and forgets no event. */
export interface PlainSocket {
  readonly raw: Socket;
  /** Equals the server's `socket.conn.id`; its hash is the nonce of a proof. */
  engineId(): string;
  /** The next event of this name that was not taken yet; rejects after `timeoutMs` (3 s). */
  next<T>(event: string, timeoutMs?: number): Promise<T>;
  /** Resolves after `ms` when no event of this name is there; rejects when one came. */
  none(event: string, ms?: number): Promise<void>;
  /** The next answer to a credential, whichever it is. */
  outcome(timeoutMs?: number): Promise<Outcome>;
  /** Emits `authenticate` and waits for the outcome. */
  authenticate(payload: object): Promise<Outcome>;
  /** Emits and waits for the acknowledgement. */
  call<T>(event: string, ...args: unknown[]): Promise<T>;
  /** Acknowledges the last `authenticated` when the socket acknowledges later. */
  stored(): void;
  /** Why the socket was closed; waits for it. `io server disconnect` means: do not come back. */
  closed(timeoutMs?: number): Promise<string>;
  /** Loses the connection without a word to the server's Socket.IO. */
  cut(): void;
  close(): void;
}

interface Arrival {
  readonly event: string;
  readonly payload: unknown;
}

export function openPlainSocket(url: string, options: PlainSocketOptions, secrets: Secrets): PlainSocket {
  const raw = io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...(options.headers === undefined ? {} : { extraHeaders: options.headers }),
  });
  raw.auth = (done: (auth: object) => void) => done(secrets.addAll(handshakeOf(options, raw.io.engine.id)));
  const inbox = createInbox();
  let confirm: (() => void) | undefined;
  const stored = () => {
    confirm?.();
    confirm = undefined;
  };
  raw.onAny((event: string, payload: unknown, acknowledge?: () => void) => {
    secrets.addAll(payload);
    if (event === 'authenticated') {
      confirm = acknowledge;
      if ((options.acknowledging ?? 'now') === 'now') stored();
    }
    inbox.put({ event, payload });
  });
  raw.on('connect', () => inbox.put({ event: 'connect', payload: undefined }));
  raw.on('connect_error', (error) => inbox.put({ event: 'connect_error', payload: error }));
  raw.on('disconnect', (reason) => inbox.put({ event: 'disconnect', payload: reason }));

  const next = async <T>(event: string, timeoutMs = 3_000) => (await inbox.take([event], timeoutMs)).payload as T;
  const outcome = async (timeoutMs = 3_000) =>
    (await inbox.take(['authenticated', 'unauthorized'], timeoutMs)) as Outcome;
  return Object.freeze<PlainSocket>({
    raw,
    engineId: () => raw.io.engine.id,
    next,
    async none(event, ms = 200) {
      await sleep(ms);
      if (inbox.has(event)) throw new Error(`"${event}" came, though none was expected`);
    },
    outcome,
    authenticate(payload) {
      raw.emit('authenticate', secrets.addAll(payload));
      return outcome();
    },
    async call<T>(event: string, ...args: unknown[]) {
      return secrets.addAll((await raw.timeout(3_000).emitWithAck(event, ...secrets.addAll(args))) as T);
    },
    stored() {
      if (options.acknowledging === 'never') throw new TypeError('this socket never acknowledges');
      stored();
    },
    closed: (timeoutMs = 3_000) => next<string>('disconnect', timeoutMs),
    cut: () => raw.io.engine.close(),
    close: () => void raw.disconnect(),
  });
}

function handshakeOf(options: PlainSocketOptions, engineId: string): object {
  return typeof options.auth === 'function' ? options.auth(engineId) : (options.auth ?? {});
}

/** Events in the order they came; each is taken once, by the one that waits for its name. */
function createInbox() {
  const arrivals: Arrival[] = [];
  const waiting = new Set<() => void>();
  const remove = (events: readonly string[]): Arrival | undefined => {
    const index = arrivals.findIndex(({ event }) => events.includes(event));
    return index < 0 ? undefined : arrivals.splice(index, 1)[0];
  };
  return {
    put(arrival: Arrival) {
      arrivals.push(arrival);
      for (const look of [...waiting]) look();
    },
    has: (event: string) => arrivals.some((arrival) => arrival.event === event),
    take(events: readonly string[], timeoutMs: number): Promise<Arrival> {
      return new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          clearTimeout(timer);
          waiting.delete(look);
          act();
        };
        const look = () => {
          const found = remove(events);
          if (found !== undefined) settle(() => resolve(found));
        };
        const seen = () => arrivals.map((arrival) => `${arrival.event} ${JSON.stringify(arrival.payload)}`).join(', ');
        const late = () =>
          settle(() => reject(new Error(`no ${events.join(' or ')} in ${timeoutMs} ms; got: ${seen()}`)));
        const timer = setTimeout(late, timeoutMs);
        waiting.add(look);
        look();
      });
    },
  };
}
