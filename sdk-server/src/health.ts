import type { CauseCode, CauseReport, Causes } from '@latchkey/core';
import type { ServiceClient } from './client/service-client.ts';

/** Health of a backend and of its connection to the service. */
export interface LatchkeyHealth {
  /** True while the service is connected. */
  readonly isConnected: boolean;
  /** True once the first list of ended sessions is loaded; before that every token is refused. */
  readonly isReady: boolean;
  /** True when that list is older than `maxStalenessMs`. */
  readonly isStale: boolean;
  /** Age of the list in milliseconds; `null` before the first one. */
  readonly revocationAgeMs: number | null;
  /** Ended sessions that are remembered. */
  readonly revokedCount: number;
  /** Sessions with sockets here. */
  readonly sessionCount: number;
  /** Refusals and failures that a setting changes, since the start; the newest last. See docs/run/troubleshooting.md. */
  readonly causes: readonly CauseReport<CauseCode>[];
}

/** Returns the function that reads the health. */
export function createBackendHealth({
  client,
  causes,
}: {
  readonly client: Pick<ServiceClient, 'feed' | 'counts' | 'isConnected'>;
  readonly causes: Pick<Causes, 'list'>;
}): () => LatchkeyHealth {
  return () => {
    const { isReady, isStale, ageMs } = client.feed();
    const counts = client.counts();
    return {
      isConnected: client.isConnected(),
      isReady,
      isStale,
      revocationAgeMs: isReady ? Math.round(ageMs) : null,
      revokedCount: counts.ended,
      sessionCount: counts.sessions,
      causes: causes.list(),
    };
  };
}
