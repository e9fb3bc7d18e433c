import { randomUUID } from 'node:crypto';
import { fail } from '@latchkey/contract';
import type { ServiceNode } from '../bootstrap/create-node.ts';
import type { Component } from '../bootstrap/lifecycle.ts';
import { createNodeRunner } from '../bootstrap/node-runner.ts';
import type { EmbedSettings } from './embed-options.ts';

/** A node inside a host's process. It comes to stand by itself; who asks earlier is told to come back. */
export interface InProcessNode {
  /** Names this process in presence. */
  readonly serverId: string;
  /** @throws unavailable it does not stand yet, or no more */
  node(): ServiceNode;
  isRunning(): boolean;
  /** Begins, once everything that asks is in its place. */
  start(): void;
  /** Resolves when it stands; rejects with what kept it from that. */
  ready(): Promise<void>;
  /** Waits for a start under way, then stops everything in reverse. */
  stop(): Promise<void>;
}

/** `doors` makes the parts above the node, in the order of the start. */
export function createInProcessNode(
  { config, hooks, log, clock, causes }: EmbedSettings,
  createComponents: (node: ServiceNode) => readonly Component[] = () => [],
): InProcessNode {
  const serverId = randomUUID();
  let running: ServiceNode | undefined;

  const createRunningComponent = (node: ServiceNode): Component => ({
    name: 'standing',
    start() {
      node.health.setReady(true);
      running = node;
    },
    stop() {
      node.health.setReady(false);
      running = undefined;
    },
  });
  const runner = createNodeRunner({
    ...{ config, hooks, log, clock, causes, serverId },
    createComponents: (node) => [...createComponents(node), createRunningComponent(node)],
  });
  return Object.freeze<InProcessNode>({
    serverId,
    node() {
      if (running === undefined) throw fail('unavailable', { retryAfterMs: 1_000 });
      return running;
    },
    isRunning: () => running !== undefined,
    // The host hears of it by `ready`, and perhaps does not ask.
    start: () => void runner.start().catch((error: unknown) => log.error({ err: error }, 'the service does not stand')),
    ready: runner.start,
    stop: runner.stop,
  });
}
