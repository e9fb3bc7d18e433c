import type { Clock } from '@latchkey/core/internal';
import { createAdminAccess } from '../bootstrap/create-admin-access.ts';
import type { Config } from '../config/config.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import type { AccountCommandDeps } from './account-target.ts';
import { withDatabase } from './commands.ts';
import { runTenantCommand } from './tenant-commands.ts';
import { runUserCommand } from './user-commands.ts';

/** Whether these words are about users or tenants. */
export function isAccountCommand([noun]: readonly string[]): boolean {
  return noun === 'user' || noun === 'tenant';
}

/** `user …` or `tenant …`, done. @returns what is printed */
export function runAccountCommand([noun, ...words]: readonly string[], deps: AccountCommandDeps): Promise<unknown> {
  return noun === 'user' ? runUserCommand(words, deps) : runTenantCommand(words, deps);
}

/** Runs the command on the database, without a node. */
export function runAccountCommandHere(
  words: readonly string[],
  config: Config,
  log: ServiceLogger,
  clock: Clock,
): Promise<unknown> {
  return withDatabase(config, log, clock, async (database) =>
    runAccountCommand(words, await createAdminAccess({ config, database, log, clock })),
  );
}
