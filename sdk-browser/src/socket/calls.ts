import type { Ack, LogoutAck, LogoutScope, Refreshed, WireError } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { Link } from './link.ts';
import { toFailure } from './to-failure.ts';

const answerTimeoutMs = 10_000;

type Answer = Ack<unknown> | LogoutAck;

/** Calls of the browser protocol that are answered. They reject with `unavailable` when the connection is not there. */
export interface Calls {
  /** `admin`: a token for `/admin` instead, which nothing else takes. */
  refresh(asked?: { readonly admin?: boolean }): Promise<Refreshed>;
  logout(scope: LogoutScope): Promise<{ ended: number }>;
}

export function createCalls(link: Link): Calls {
  const call = <Good extends Answer>(event: 'refresh' | 'logout', payload: object): Promise<Good & { ok: true }> =>
    new Promise((resolve, reject) => {
      const settle = (error: Error | null, answer?: Good | { ok: false; error: WireError }): void => {
        if (error !== null || answer === undefined) reject(fail('unavailable', { cause: error }));
        else if (answer.ok) resolve(answer as Good & { ok: true });
        else reject(toFailure(answer.error));
      };
      const isSent = link.send((socket) => socket.timeout(answerTimeoutMs).emit(event, payload, settle as never));
      if (!isSent) reject(fail('unavailable'));
    });
  return Object.freeze({
    refresh: async (asked = {}) => (await call<Ack<Refreshed>>('refresh', asked)).data,
    logout: async (scope: LogoutScope) => ({ ended: (await call<LogoutAck>('logout', { scope })).ended }),
  });
}
