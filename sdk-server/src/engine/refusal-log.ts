import type { Clock } from '../clock.ts';
import type { Log } from '../socket/options.ts';

/** Time between two lines about refusals of one kind, in milliseconds. */
const everyMs = 60_000;

/** Logs refusals of requests, at most one line a minute of each kind, because a client can cause any number. */
export interface RefusalLog {
  /** `fields` gets `refused`: how many there were since the line before, this one included. */
  warn(kind: string, fields: Readonly<Record<string, unknown>>, message: string): void;
}

export function createRefusalLog({ log, clock }: { log: Log; clock: Clock }): RefusalLog {
  const kinds = new Map<string, { loggedAt: number; refused: number }>();

  return Object.freeze<RefusalLog>({
    warn(kind, fields, message) {
      const now = clock.monotonic();
      const known = kinds.get(kind) ?? { loggedAt: Number.NEGATIVE_INFINITY, refused: 0 };
      kinds.set(kind, known);
      known.refused += 1;
      if (now - known.loggedAt < everyMs) return;
      log.warn({ ...fields, refused: known.refused }, message);
      known.loggedAt = now;
      known.refused = 0;
    },
  });
}
