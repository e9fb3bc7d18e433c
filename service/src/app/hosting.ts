import { randomUUID } from 'node:crypto';
import { fail } from '@latchkey/contract';
import { createLife } from './life.ts';
import type { ServiceNode } from './node.ts';
import type { ServeSettings } from './serve-options.ts';
import type { Part } from './stack.ts';

/** A node inside a host's process. It comes to stand by itself; who asks earlier is told to come back. */
export interface Hosting {
  /** Names this process in presence. */
  readonly serverId: string;
  /** @throws unavailable it does not stand yet, or no more */
  node(): ServiceNode;
  isStanding(): boolean;
  /** Begins, once everything that asks is in its place. */
  start(): void;
  /** Resolves when it stands; rejects with what kept it from that. */
  ready(): Promise<void>;
  /** Waits for a start under way, then stops everything in reverse. */
  stop(): Promise<void>;
}

/** `doors` makes the parts above the node, in the order of the start. */
export function createHosting(
  { config, hooks, log, clock, causes }: ServeSettings,
  doors: (node: ServiceNode) => readonly Part[] = () => [],
): Hosting {
  const serverId = randomUUID();
  let standing: ServiceNode | undefined;

  const standingOf = (node: ServiceNode): Part => ({
    name: 'standing',
    start() {
      node.health.setReady(true);
      standing = node;
    },
    stop() {
      node.health.setReady(false);
      standing = undefined;
    },
  });
  const life = createLife({
    ...{ config, hooks, log, clock, causes, serverId },
    doors: (node) => [...doors(node), standingOf(node)],
  });
  return Object.freeze<Hosting>({
    serverId,
    node() {
      if (standing === undefined) throw fail('unavailable', { retryAfterMs: 1_000 });
      return standing;
    },
    isStanding: () => standing !== undefined,
    // The host hears of it by `ready`, and perhaps does not ask.
    start: () => void life.start().catch((error: unknown) => log.error({ err: error }, 'the service does not stand')),
    ready: life.start,
    stop: life.stop,
  });
}
