import { randomUUID } from 'node:crypto';
import { type BackendAck, backendProtocol, type PresencePage, type UserSessionState } from '@latchkey/contract';
import { io, type Socket } from 'socket.io-client';

export interface Credential {
  readonly backend_id: string;
  readonly backend_secret: string;
}

/** A backend as the wire has it, without sdk-server. */
export interface PlainBackend {
  readonly raw: Socket;
  readonly serverId: string;
  /** All pushes so far, in their order. */
  readonly pushes: { readonly event: string; readonly payload: unknown }[];
  /** Resolves when it is let in; rejects with the error of the table. */
  connected(): Promise<void>;
  call<T>(event: string, payload?: unknown): Promise<T>;
  /** Reads the list of sessions with sockets, page by page, and follows its changes from then on. */
  listPresence(): Promise<UserSessionState[]>;
  /** The first push of this name that fits. */
  push<T>(event: string, fits?: (payload: T) => boolean): Promise<T>;
  close(): void;
}

export function openPlainBackend(
  url: string,
  credential: Credential,
  { protocol = backendProtocol, serverId = randomUUID() }: { protocol?: unknown; serverId?: string } = {},
): PlainBackend {
  const auth = { ...credential, server_id: serverId, protocol };
  const raw = io(`${url}/backend`, { transports: ['websocket'], reconnection: false, forceNew: true, auth });
  const pushes: { event: string; payload: unknown }[] = [];
  const arrivals = new Set<() => void>();
  raw.onAny((event: string, payload: unknown) => {
    pushes.push({ event, payload });
    for (const look of [...arrivals]) look();
  });
  const call = <T>(event: string, payload?: unknown) => raw.timeout(3_000).emitWithAck(event, payload) as Promise<T>;

  async function listPresence(): Promise<UserSessionState[]> {
    const sessions: UserSessionState[] = [];
    for (let [first, more] = [true, true]; more; first = false) {
      const answer = await call<BackendAck<PresencePage>>('presence_list', { first });
      if (!answer.ok) throw new Error(JSON.stringify(answer.error));
      sessions.push(...answer.data.user_sessions);
      more = answer.data.more;
    }
    return sessions;
  }

  return Object.freeze<PlainBackend>({
    raw,
    serverId,
    pushes,
    connected: () =>
      new Promise((resolve, reject) => {
        raw.once('connect', resolve);
        raw.once('connect_error', (error) => reject((error as Error & { data?: unknown }).data ?? error));
      }),
    call,
    listPresence,
    push<T>(event: string, fits: (payload: T) => boolean = () => true) {
      return new Promise<T>((resolve, reject) => {
        const settle = (act: () => void) => {
          clearTimeout(timer);
          arrivals.delete(look);
          act();
        };
        const look = () => {
          const found = pushes.find((push) => push.event === event && fits(push.payload as T));
          if (found !== undefined) settle(() => resolve(found.payload as T));
        };
        const timer = setTimeout(() => settle(() => reject(new Error(`no ${event} in 5 s`))), 5_000);
        arrivals.add(look);
        look();
      });
    },
    close: () => void raw.disconnect(),
  });
}
