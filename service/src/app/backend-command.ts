import { join } from 'node:path';
import { Failure } from '@latchkey/contract';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import { createAudit } from '../domain/audit/audits.ts';
import { createBackends } from '../domain/backend/backends.ts';
import { createOperators } from '../domain/operator/operators.ts';
import { createUserDirectory } from '../domain/user/user-directory.ts';
import type { Log } from '../ops/log.ts';
import { withDatabase } from './commands.ts';
import { askControlSocket } from './control-socket.ts';
import { runWords } from './spoken.ts';

/** Where the running process of embedded mode takes commands. */
export function controlPath({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'control.sock');
}

/**
 * `backend …` and `operator …`: on PostgreSQL directly; in embedded mode through the running process, or when none runs, as the folder's
 * owner. Prints JSON.
 */
export async function commandWords(words: readonly string[], config: Config, log: Log, clock: Clock): Promise<unknown> {
  const answer = config.embedded ? await askControlSocket(controlPath(config), words) : undefined;
  if (answer?.ok === false) throw new ConfigError(answer.error.message);
  return answer === undefined ? directly(words, config, log, clock) : answer.data;
}

async function directly(words: readonly string[], config: Config, log: Log, clock: Clock): Promise<unknown> {
  try {
    return await withDatabase(config, log, clock, ({ db }) => runWords(words, { ...roomsOfCommands(), db }));
  } catch (error) {
    throw error instanceof Failure && !error.retryable ? new ConfigError(sentence(error), { cause: error }) : error;
  }
}

/** Rooms that hash and sign nothing. */
function roomsOfCommands() {
  return {
    backends: createBackends(),
    operators: createOperators(),
    audit: createAudit(),
    users: createUserDirectory(),
  };
}

function sentence({ message, details = [] }: Failure): string {
  return [message, ...details.map(({ path, message: what }) => `${path}: ${what}`)].join(' ');
}
