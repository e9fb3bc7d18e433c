import type { Ack, LogoutAck, LogoutScope, Refreshed } from '@latchkey/contract';
import { fail } from '../fail.ts';
import { acknowledged } from './acknowledged.ts';
import type { Link } from './link.ts';

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
      const settle = acknowledged(resolve, reject);
      const isSent = link.send((socket) => socket.timeout(answerTimeoutMs).emit(event, payload, settle as never));
      if (!isSent) reject(fail('unavailable'));
    });
  return Object.freeze({
    async refresh(asked = {}) {
      const { data } = await call<Ack<Refreshed>>('refresh', asked);
      if (typeof data?.access_token !== 'string')
        throw fail('internal_error', { detail: 'The answer holds no token.' });
      return data;
    },
    logout: async (scope: LogoutScope) => ({ ended: (await call<LogoutAck>('logout', { scope })).ended }),
  });
}
