import type { ComparisonPlan, Sample } from '../../bench/comparison.ts';
import { startWorker } from '../../bench/worker.ts';
import type { RevocationCacheHostCalls } from './revocation-cache-host.ts';

const count = 100_000;

/** Memory of a backend's revocation cache with 100,000 entries, measured in a new process each time. */
export const revocationCacheMemory: ComparisonPlan = {
  name: 'revocation-cache',
  metrics: [
    { name: 'RSS of 100,000 ended sessions', unit: 'MB', better: 'less', floor: 'Map of the same ids' },
    { name: 'heap of 100,000 ended sessions', unit: 'MB', better: 'less', floor: 'Map of the same ids' },
  ],
  warmUps: 0,
  open: async () => ({
    row: () => measure('revocation-cache'),
    floor: () => measure('map'),
    close: async () => {},
  }),
};

async function measure(side: 'revocation-cache' | 'map'): Promise<Sample> {
  const worker = await startWorker<RevocationCacheHostCalls>(new URL('./revocation-cache-host.ts', import.meta.url));
  const { rss, heap } = await worker.call('fill', { side, count }).finally(worker.stop);
  return [rss, heap].map((bytes) => ({ value: bytes / 1_048_576 }));
}
