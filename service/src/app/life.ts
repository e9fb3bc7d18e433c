import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { HookFunctions } from '../hook/hook.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import type { Log } from '../ops/log.ts';
import { createNode, type ServiceNode } from './node.ts';
import { closingOnError, openMigrated } from './open-migrated.ts';
import { createStack, type Part, type Stack } from './stack.ts';

interface LifeOptions {
  readonly config: Config;
  readonly hooks: HookFunctions;
  readonly log: Log;
  readonly clock: Clock;
  readonly causes: ServiceCauses;
  readonly serverId?: string;
  readonly onOperatorLink?: ((link: string) => void) | undefined;
  /** What stands on the node, in the order of the start. */
  readonly doors: (node: ServiceNode) => readonly Part[];
}

/** A node from the opening of its database to its closing. */
interface Life {
  /** Once; concurrent and later callers share it. */
  start(): Promise<void>;
  /** Waits for a start under way, then stops everything in reverse. */
  stop(): Promise<void>;
}

export function createLife({ doors, ...options }: LifeOptions): Life {
  const { config, clock, log } = options;
  let starting: Promise<Stack> | undefined;

  async function begin(): Promise<Stack> {
    const onError = (error: unknown) => log.warn({ err: error }, 'database connection');
    const database = await openMigrated(config, { clock, log, onError });
    const stack = await closingOnError(database, () => {
      const node = createNode({ ...options, database });
      return createStack([...node.parts, ...doors(node)]);
    });
    await stack.start();
    return stack;
  }

  return Object.freeze<Life>({
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
