import { join } from 'node:path';
import { Failure } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import { createAudit } from '../domain/audit/audits.ts';
import { createBackends } from '../domain/backend/backends.ts';
import { createOperators } from '../domain/operator/operators.ts';
import { createUserDirectory } from '../domain/user/user-directory.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { withDatabase } from './commands.ts';
import { callControlSocket } from './control-socket.ts';
import { runCommand } from './run-command.ts';

/** Where the running process of embedded mode takes commands. */
export function controlSocketPath({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'control.sock');
}

/**
 * `backend …` and `operator …`: on PostgreSQL directly; in embedded mode through the running process, or when none runs, as the folder's
 * owner. Prints JSON.
 */
export async function runDataCommand(
  words: readonly string[],
  config: Config,
  log: ServiceLogger,
  clock: Clock,
): Promise<unknown> {
  const answer = config.embedded ? await callControlSocket(controlSocketPath(config), words) : undefined;
  if (answer?.ok === false) throw new ConfigError(answer.error.message);
  return answer === undefined ? runOnDatabase(words, config, log, clock) : answer.data;
}

async function runOnDatabase(
  words: readonly string[],
  config: Config,
  log: ServiceLogger,
  clock: Clock,
): Promise<unknown> {
  try {
    return await withDatabase(config, log, clock, ({ db }) => runCommand(words, { ...createCommandStores(), db }));
  } catch (error) {
    throw error instanceof Failure && !error.retryable ? new ConfigError(toMessage(error), { cause: error }) : error;
  }
}

/** Modules that need no password hashes and no signing keys. */
function createCommandStores() {
  return {
    backends: createBackends(),
    operators: createOperators(),
    audit: createAudit(),
    users: createUserDirectory(),
  };
}

function toMessage({ message, details = [] }: Failure): string {
  return [message, ...details.map(({ path, message: what }) => `${path}: ${what}`)].join(' ');
}
