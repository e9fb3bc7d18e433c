import type { ComparisonPlan } from '../../bench/comparison.ts';
import { startWorker } from '../../bench/worker.ts';
import type { MirrorHostCalls } from './mirror-host.ts';

const count = 100_000;

/** What a backend's list of 100,000 ended sessions holds, measured in a fresh process each time. */
export const mirrorMemory: ComparisonPlan = {
  name: 'mirror',
  metrics: [
    { name: 'RSS of 100,000 ended sessions', unit: 'MB', better: 'less', floor: 'Map of the same ids' },
    { name: 'heap of 100,000 ended sessions', unit: 'MB', better: 'less', floor: 'Map of the same ids' },
  ],
  warmUps: 0,
  open: async () => ({
    row: () => measure('mirror'),
    floor: () => measure('map'),
    close: async () => {},
  }),
};

async function measure(side: 'mirror' | 'map'): Promise<number[]> {
  const child = await startWorker<MirrorHostCalls>(new URL('./mirror-host.ts', import.meta.url));
  const { rss, heap } = await child.call('fill', { side, count }).finally(child.stop);
  return [rss, heap].map((bytes) => bytes / 1_048_576);
}
