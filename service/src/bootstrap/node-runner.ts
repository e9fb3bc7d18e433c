import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { HookFunctions } from '../hook/hook.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { createNode, type ServiceNode } from './create-node.ts';
import { type Component, createLifecycle, type Lifecycle } from './lifecycle.ts';
import { closeOnError, openMigratedDatabase } from './open-migrated-database.ts';

interface NodeRunnerOptions {
  readonly config: Config;
  readonly hooks: HookFunctions;
  readonly log: ServiceLogger;
  readonly clock: Clock;
  readonly causes: ServiceCauses;
  readonly serverId?: string;
  readonly onOperatorLink?: ((link: string) => void) | undefined;
  /** What stands on the node, in the order of the start. */
  readonly createComponents: (node: ServiceNode) => readonly Component[];
}

/** A node from the opening of its database to its closing. */
interface NodeRunner {
  /** Once; concurrent and later callers share it. */
  start(): Promise<void>;
  /** Waits for a start under way, then stops everything in reverse. */
  stop(): Promise<void>;
}

export function createNodeRunner({ createComponents, ...options }: NodeRunnerOptions): NodeRunner {
  const { config, clock, log } = options;
  let starting: Promise<Lifecycle> | undefined;

  async function begin(): Promise<Lifecycle> {
    const onError = (error: unknown) => log.warn({ err: error }, 'database connection');
    const database = await openMigratedDatabase(config, { clock, log, onError });
    const stack = await closeOnError(database, () => {
      const node = createNode({ ...options, database });
      return createLifecycle([...node.components, ...createComponents(node)]);
    });
    await stack.start();
    return stack;
  }

  return Object.freeze<NodeRunner>({
    async start() {
      starting ??= begin();
      await starting;
    },
    async stop() {
      const stack = await starting?.catch(() => undefined);
      await stack?.stop();
    },
  });
}
