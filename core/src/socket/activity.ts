import type { ProtocolCall } from './call-handler.ts';
import type { ProtocolContext } from './options.ts';
import { parseActivity } from './schema.ts';

/** `activity`: the user was active. Passed on at most once a minute for each socket. */
export function createActivityCall({
  authority,
  clock,
  timings,
}: Pick<ProtocolContext, 'authority' | 'clock' | 'timings'>): ProtocolCall<void> {
  return {
    event: 'activity',
    parse: parseActivity,
    async run(connection) {
      const now = clock.monotonic();
      if (now - connection.activityAt >= timings.activityMs) {
        connection.activityAt = now;
        authority.activity(connection.sid!);
      }
      return { ok: true, data: {} };
    },
  };
}
