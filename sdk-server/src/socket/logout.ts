import { fail, type LogoutAck, type LogoutScope } from '@latchkey/contract';
import type { Authority } from './authority.ts';
import type { Call } from './calls.ts';
import type { Endings } from './endings.ts';
import { parseLogout } from './schema.ts';

/**
 * `logout`: acknowledged after commit, then `logged_out` to every socket of the session. This server does not wait for
 * the feed to say what it knows already; the user's other sessions are ended by the feed.
 */
export function createLogout(deps: { authority: Authority; endings: Endings }): Call<{ scope: LogoutScope }> {
  const { authority, endings } = deps;
  return {
    event: 'logout',
    parse: parseLogout,
    async run(connection, { scope }): Promise<LogoutAck> {
      if (connection.isLoggingOut) throw fail('busy');
      connection.isLoggingOut = true;
      try {
        const { ended } = await authority.logout(connection.sid!, { scope });
        return { ok: true, ended };
      } finally {
        connection.isLoggingOut = false;
      }
    },
    afterwards(connection, { scope }) {
      if (scope !== 'others') endings.end(connection.sid!, 'logout');
    },
  };
}
