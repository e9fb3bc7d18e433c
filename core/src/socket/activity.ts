import type { Authority } from '../authority.ts';
import type { Clock } from '../base/clock.ts';
import type { ProtocolCall } from './call-handler.ts';
import { parseActivity } from './schema.ts';

/** `activity`: the user was active. Passed on at most once a minute for each socket. */
export function createActivityCall(deps: {
  authority: Authority;
  clock: Clock;
  activityMs: number;
}): ProtocolCall<void> {
  const { authority, clock, activityMs } = deps;
  return {
    event: 'activity',
    parse: parseActivity,
    async run(connection) {
      const now = clock.monotonic();
      if (now - connection.activityAt >= activityMs) {
        connection.activityAt = now;
        authority.activity(connection.sid!);
      }
      return { ok: true, data: {} };
    },
  };
}
