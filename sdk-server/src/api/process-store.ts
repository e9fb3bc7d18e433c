import type { Clock } from '@latchkey/core/internal';
import { type IdempotentCall, type ProcessStore, paramsMismatch } from './idempotency.ts';

interface StoredResult {
  readonly fingerprint: string;
  readonly answer: Promise<unknown>;
  /** Monotonic milliseconds; while the call runs, for ever. */
  until: number;
}

interface ProcessStoreDeps {
  readonly clock: Clock;
  /** Default 10 minutes. */
  readonly keepMs?: number;
  /** Answers kept at most; the oldest go first, those that are running stay. Default 10,000. */
  readonly capacity?: number;
}

/**
 * Keeps answers in this process: nothing of it reaches another node, nor outlives a restart.
 */
export function createProcessStore(deps: ProcessStoreDeps): ProcessStore {
  const { clock, keepMs = 600_000, capacity = 10_000 } = deps;
  const kept = new Map<string, StoredResult>();

  /** In the order of their answers, so the first that has to stay ends the sweep. */
  function sweep(): void {
    const now = clock.monotonic();
    for (const [id, { until }] of kept) {
      const isRunning = until === Number.POSITIVE_INFINITY;
      if (isRunning) continue;
      if (until > now && kept.size < capacity) return;
      kept.delete(id);
    }
  }

  function start(id: string, fingerprint: string, work: () => Promise<unknown>): Promise<unknown> {
    const answer = work();
    const one: StoredResult = { fingerprint, answer, until: Number.POSITIVE_INFINITY };
    kept.set(id, one);
    answer.then(
      () => {
        one.until = clock.monotonic() + keepMs;
        kept.delete(id);
        kept.set(id, one);
      },
      () => kept.delete(id),
    );
    return answer;
  }

  return Object.freeze({
    within: 'process' as const,
    async once({ tenantId, userId, api, call, key, fingerprint }: IdempotentCall, work: () => Promise<unknown>) {
      sweep();
      const id = JSON.stringify([tenantId, userId, api, call, key]);
      const found = kept.get(id);
      if (found === undefined) return start(id, fingerprint, work);
      if (found.fingerprint !== fingerprint) throw paramsMismatch();
      return found.answer;
    },
  });
}
