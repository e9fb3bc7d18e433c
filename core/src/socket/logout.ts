import { type Ack, type EndedSessions, type Failure, fail } from '@latchkey/contract';
import type { Authority } from '../authority.ts';
import type { ProtocolCall } from './call-handler.ts';
import { peekSessionId } from './limits.ts';
import { type LogoutRequest, parseLogout } from './schema.ts';
import { send } from './send.ts';
import type { SessionEndDelivery } from './session-end-delivery.ts';

/**
 * `logout`: acknowledged after commit, then `logged_out` to every socket of the session. This server does not wait for
 * the feed to say what it knows already; the user's other sessions are ended by the feed.
 *
 * A client may show its token, as a string or as `{ token }`. The socket is signed in, so the token is only compared with
 * the socket's session.
 */
export function createLogoutCall(deps: {
  authority: Authority;
  endDelivery: SessionEndDelivery;
}): ProtocolCall<LogoutRequest> {
  const { authority, endDelivery } = deps;
  return {
    event: 'logout',
    parse: parseLogout,
    async run(connection, { scope, token }): Promise<Ack<EndedSessions>> {
      if (token !== undefined && peekSessionId(token) !== connection.sid) throw sessionMismatch();
      if (connection.isLoggingOut) throw fail('busy');
      connection.isLoggingOut = true;
      try {
        const { ended } = await authority.logout(connection.sid!, { scope });
        return { ok: true, data: { ended } };
      } finally {
        connection.isLoggingOut = false;
      }
    },
    afterAck(connection, { scope }) {
      if (scope !== 'others') endDelivery.end(connection.sid!, 'logout');
    },
    onRefusedWithoutAck: (connection, refusal) => send(connection, 'unauthorized', refusal),
  };
}

function sessionMismatch(): Failure {
  const message = 'This socket is signed in to another session than that of the token; nothing was ended.';
  return fail('already_authenticated', { message });
}
