import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/**
 * CPU, memory, garbage collection and the lag of the event loop of this process (`process_…`, `nodejs_…`). Measured from the
 * first call on, and once for all nodes of a process.
 */
export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
