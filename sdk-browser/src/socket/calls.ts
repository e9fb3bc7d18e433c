import type { EndedSessions, LogoutScope, Refreshed } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { SocketConnection } from './connection.ts';
import { settleWithAck } from './settle-with-ack.ts';

const answerTimeoutMs = 10_000;

/** Calls of the browser protocol that are answered. They reject with `unavailable` when the connection is not there. */
export interface ProtocolCalls {
  /** `admin`: a token for `/admin` instead, which nothing else takes. */
  refresh(asked?: { readonly admin?: boolean }): Promise<Refreshed>;
  logout(scope: LogoutScope): Promise<EndedSessions>;
}

export function createProtocolCalls(connection: SocketConnection): ProtocolCalls {
  const call = <T>(event: 'refresh' | 'logout', payload: object): Promise<{ data: T }> =>
    new Promise((resolve, reject) => {
      const settle = settleWithAck(resolve, reject);
      const isSent = connection.send((socket) => socket.timeout(answerTimeoutMs).emit(event, payload, settle as never));
      if (!isSent) reject(fail('unavailable'));
    });
  return Object.freeze({
    async refresh(asked = {}) {
      const { data } = await call<Refreshed>('refresh', asked);
      if (typeof data?.access_token !== 'string')
        throw fail('internal_error', { detail: 'The answer holds no token.' });
      return data;
    },
    logout: async (scope: LogoutScope) => (await call<EndedSessions>('logout', { scope })).data,
  });
}
