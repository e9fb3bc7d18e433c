import type { Ended, LogoutScope, Refreshed } from '@latchkey/contract';
import { fail } from '../fail.ts';
import { acknowledged } from './acknowledged.ts';
import type { Link } from './link.ts';

const answerTimeoutMs = 10_000;

/** Calls of the browser protocol that are answered. They reject with `unavailable` when the connection is not there. */
export interface Calls {
  /** `admin`: a token for `/admin` instead, which nothing else takes. */
  refresh(asked?: { readonly admin?: boolean }): Promise<Refreshed>;
  logout(scope: LogoutScope): Promise<Ended>;
}

export function createCalls(link: Link): Calls {
  const call = <T>(event: 'refresh' | 'logout', payload: object): Promise<{ data: T }> =>
    new Promise((resolve, reject) => {
      const settle = acknowledged(resolve, reject);
      const isSent = link.send((socket) => socket.timeout(answerTimeoutMs).emit(event, payload, settle as never));
      if (!isSent) reject(fail('unavailable'));
    });
  return Object.freeze({
    async refresh(asked = {}) {
      const { data } = await call<Refreshed>('refresh', asked);
      if (typeof data?.access_token !== 'string')
        throw fail('internal_error', { detail: 'The answer holds no token.' });
      return data;
    },
    logout: async (scope: LogoutScope) => (await call<Ended>('logout', { scope })).data,
  });
}
