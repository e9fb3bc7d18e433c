import { join } from 'node:path';
import { Failure } from '@latchkey/contract';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import { createBackends } from '../domain/backend/backends.ts';
import type { Log } from '../ops/log.ts';
import { runBackendWords } from './backend-words.ts';
import { withDatabase } from './commands.ts';
import { askControlSocket } from './control-socket.ts';

/** Where the running process of embedded mode takes commands. */
export function controlPath({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'control.sock');
}

/**
 * `backend …`: on PostgreSQL directly; in embedded mode through the running process, or when none runs, as the folder's
 * owner. Prints JSON.
 */
export async function commandBackend(
  words: readonly string[],
  config: Config,
  log: Log,
  clock: Clock,
): Promise<unknown> {
  const answer = config.embedded ? await askControlSocket(controlPath(config), words) : undefined;
  if (answer?.ok === false) throw new ConfigError(answer.error.message);
  return answer === undefined ? directly(words, config, log, clock) : answer.data;
}

async function directly(words: readonly string[], config: Config, log: Log, clock: Clock): Promise<unknown> {
  try {
    return await withDatabase(config, log, clock, ({ db }) =>
      runBackendWords(words, { backends: createBackends(), db }),
    );
  } catch (error) {
    throw error instanceof Failure && !error.retryable ? new ConfigError(sentence(error), { cause: error }) : error;
  }
}

function sentence({ message, details = [] }: Failure): string {
  return [message, ...details.map(({ path, message: what }) => `${path}: ${what}`)].join(' ');
}
