import type { EndedSessions, LogoutScope, Refreshed } from '@latchkey/contract';
import { fail } from '../platform/fail.ts';
import type { SocketConnection } from './connection.ts';
import { settleWithAck } from './settle-with-ack.ts';

const answerTimeoutMs = 10_000;

/** Creates the calls of one connection. */
export function createProtocolCalls(connection: SocketConnection) {
  const call = <T>(event: 'refresh' | 'logout', payload: object): Promise<{ data: T }> =>
    new Promise((resolve, reject) => {
      const settle = settleWithAck(resolve, reject);
      const isSent = connection.send((socket) => socket.timeout(answerTimeoutMs).emit(event, payload, settle as never));
      if (!isSent) reject(fail('unavailable'));
    });
  return Object.freeze({
    /** Requests an access token. With `admin` it is a token for `/admin` only. */
    async refresh(request = {}) {
      const { data } = await call<Refreshed>('refresh', request);
      if (typeof data?.access_token !== 'string')
        throw fail('internal_error', { detail: 'The response has no token.' });
      return data;
    },
    /** Ends sessions of the user. */
    logout: async (scope: LogoutScope) => (await call<EndedSessions>('logout', { scope })).data,
  });
}

/** Calls of the browser protocol with an acknowledgement. They reject with `unavailable` without a connection. */
export type ProtocolCalls = ReturnType<typeof createProtocolCalls>;
