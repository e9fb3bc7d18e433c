import type { Causes, KeySet } from '@latchkey/core';
import { type Clock, createTimer, errorText } from '@latchkey/core/internal';

interface KeyRefreshDeps {
  readonly keys: Pick<KeySet, 'reload'>;
  readonly clearCache: () => void;
  /** Called when the keys were read by the newest call of `refresh`. */
  readonly onRefreshed: () => void;
  readonly clock: Clock;
  readonly causes: Pick<Causes, 'report'>;
}

const retryMs = 2_000;

/** New keys are found when they are needed. A withdrawn key would be accepted until the next read of the set. */
export function createKeyRefresh({ keys, clearCache, onRefreshed, clock, causes }: KeyRefreshDeps) {
  let attempt = 0;
  const retry = createTimer(clock, () => void renew());

  async function renew(): Promise<void> {
    retry.cancel();
    attempt += 1;
    const mine = attempt;
    try {
      await keys.reload();
      clearCache();
      if (mine === attempt) onRefreshed();
    } catch (error) {
      if (mine !== attempt) return;
      causes.report('key_set_unavailable', { reason: errorText(error) });
      retry.reset(retryMs * (0.5 + Math.random()));
    }
  }

  return Object.freeze({
    /** Reads the key set, again after a failure, and then forgets the tokens that were checked before. */
    refresh: () => void renew(),
    close() {
      attempt += 1;
      retry.cancel();
    },
  });
}
