import { type Ack, type Ended, type Failure, fail } from '@latchkey/contract';
import type { Authority } from './authority.ts';
import type { Call } from './calls.ts';
import type { Endings } from './endings.ts';
import { claimedSid } from './limits.ts';
import { type LogoutInput, parseLogout } from './schema.ts';
import { send } from './send.ts';

/**
 * `logout`: acknowledged after commit, then `logged_out` to every socket of the session. This server does not wait for
 * the feed to say what it knows already; the user's other sessions are ended by the feed.
 *
 * A client may show its token, as a string or as `{ token }`. The socket is signed in, so the token is only compared with
 * the socket's session.
 */
export function createLogout(deps: { authority: Authority; endings: Endings }): Call<LogoutInput> {
  const { authority, endings } = deps;
  return {
    event: 'logout',
    parse: parseLogout,
    async run(connection, { scope, token }): Promise<Ack<Ended>> {
      if (token !== undefined && claimedSid(token) !== connection.sid) throw otherSession();
      if (connection.isLoggingOut) throw fail('busy');
      connection.isLoggingOut = true;
      try {
        const { ended } = await authority.logout(connection.sid!, { scope });
        return { ok: true, data: { ended } };
      } finally {
        connection.isLoggingOut = false;
      }
    },
    afterwards(connection, { scope }) {
      if (scope !== 'others') endings.end(connection.sid!, 'logout');
    },
    refusedUnheard: (connection, refusal) => send(connection, 'unauthorized', refusal),
  };
}

function otherSession(): Failure {
  const message = 'This socket is signed in to another session than that of the token; nothing was ended.';
  return fail('already_authenticated', { message });
}
