import type { ServiceNode } from '../bootstrap/create-node.ts';
import { type Component, createLifecycle } from '../bootstrap/lifecycle.ts';
import type { ServiceLogger } from '../ops/logger.ts';

export type InProcessNode = ReturnType<typeof createInProcessNode>;

/**
 * A node inside a host's process. Before it has started, it refuses calls as `unavailable`.
 *
 * @param components start after those of the node, in this order
 */
export function createInProcessNode(
  node: ServiceNode,
  { log, components = [] }: { log: ServiceLogger; components?: readonly Component[] },
) {
  const { start, stop } = createLifecycle([...node.components, ...components, node.readiness]);
  return Object.freeze({
    node,
    // The host receives the error by `ready`, which it may never call.
    /** Starts in the background. */
    start: () => void start().catch((error: unknown) => log.error({ err: error }, 'the service failed to start')),
    /** Resolves when the node has started; rejects with the error of the start. */
    ready: start,
    /** Waits for a start in progress, then stops everything in reverse. */
    stop,
  });
}
