import type { ServiceNode } from '../bootstrap/create-node.ts';
import { type Component, createLifecycle } from '../bootstrap/lifecycle.ts';
import type { ServiceLogger } from '../ops/logger.ts';

/** A node inside a host's process. Before it has started, it refuses calls as `unavailable`. */
export interface InProcessNode {
  readonly node: ServiceNode;
  /** Starts in the background. */
  start(): void;
  /** Resolves when the node has started; rejects with the error of the start. */
  ready(): Promise<void>;
  /** Waits for a start in progress, then stops everything in reverse. */
  stop(): Promise<void>;
}

/** @param components start after those of the node, in this order */
export function createInProcessNode(
  node: ServiceNode,
  { log, components = [] }: { log: ServiceLogger; components?: readonly Component[] },
): InProcessNode {
  const { start, stop } = createLifecycle([...node.components, ...components, node.readiness]);
  return Object.freeze<InProcessNode>({
    node,
    // The host receives the error by `ready`, which it may never call.
    start: () => void start().catch((error: unknown) => log.error({ err: error }, 'the service failed to start')),
    ready: start,
    stop,
  });
}
