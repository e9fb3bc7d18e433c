import { Failure } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { createMailTester } from '../bootstrap/create-mail.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import { createAudit } from '../domain/audit/audits.ts';
import { createBackends } from '../domain/backend/backends.ts';
import { createOperators } from '../domain/operator/operators.ts';
import { createUserDirectory } from '../domain/user/user-directory.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { isAccountCommand, runAccountCommand, runAccountCommandHere } from './account-commands.ts';
import type { AccountCommandDeps } from './account-target.ts';
import { type BackendCommandDeps, runBackendCommand } from './backend-commands.ts';
import { withDatabase } from './commands.ts';
import { callControlSocket, controlSocketPath } from './control-socket.ts';
import { type MailCommandDeps, runMailCommand } from './mail-commands.ts';
import { type OperatorCommandDeps, runOperatorCommand } from './operator-commands.ts';
import { runTransfer } from './user-transfer.ts';

type DatabaseCommandDeps = OperatorCommandDeps & BackendCommandDeps;
export type DataCommandDeps = DatabaseCommandDeps & MailCommandDeps & AccountCommandDeps;

/** Whether these words of the command line are done by the running process, where there is one. */
export function isDataCommand(words: readonly string[]): boolean {
  return ['backend', 'operator', 'mail'].includes(words[0] ?? '') || isAccountCommand(words);
}

/** `backend …`, `operator …`, `mail …`, `user …`, `tenant …`, or a piece of a transfer of users, done. @returns what is printed */
export function runCommand(words: readonly string[], deps: DataCommandDeps): Promise<unknown> {
  if (words[0] === 'transfer') return runTransfer(words.slice(1), deps);
  if (isAccountCommand(words)) return runAccountCommand(words, deps);
  return words[0] === 'mail' ? runMailCommand(words.slice(1), deps) : runDatabaseCommand(words, deps);
}

function runDatabaseCommand([noun, ...words]: readonly string[], deps: DatabaseCommandDeps): Promise<unknown> {
  return noun === 'operator' ? runOperatorCommand(words, deps) : runBackendCommand(words, deps);
}

/**
 * A data command: on PostgreSQL directly; in embedded mode through the running process, or when none runs, as the folder's
 * owner.
 *
 * @returns what is printed
 */
export async function runDataCommand(
  words: readonly string[],
  config: Config,
  log: ServiceLogger,
  clock: Clock,
): Promise<unknown> {
  const answer = config.embedded ? await callControlSocket(controlSocketPath(config), words) : undefined;
  if (answer?.ok === false) throw new ConfigError(answer.error.message);
  if (answer !== undefined) return answer.data;
  if (isAccountCommand(words)) return withPlainErrors(() => runAccountCommandHere(words, config, log, clock));
  return words[0] === 'mail' ? runHere(words, config, log, clock) : runOnDatabase(words, config, log, clock);
}

/** Without a database, by the settings of this process. */
async function runHere(words: readonly string[], config: Config, log: ServiceLogger, clock: Clock): Promise<unknown> {
  try {
    return await runMailCommand(words.slice(1), { sendTestMail: createMailTester({ config, log, clock }) });
  } catch (error) {
    throw error instanceof Failure ? new ConfigError(toMessage(error), { cause: error }) : error;
  }
}

/** With modules that need no password hashes and no signing keys. */
async function runOnDatabase(
  words: readonly string[],
  config: Config,
  log: ServiceLogger,
  clock: Clock,
): Promise<unknown> {
  const modules = {
    ...{ backends: createBackends(), operators: createOperators() },
    ...{ audit: createAudit(), users: createUserDirectory() },
  };
  return withPlainErrors(() =>
    withDatabase(config, log, clock, ({ db }) => runDatabaseCommand(words, { ...modules, db })),
  );
}

/** What the user of the command has to change is one sentence, not a stack. @throws ConfigError in place of such a failure */
export async function withPlainErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Failure && !error.retryable ? new ConfigError(toMessage(error), { cause: error }) : error;
  }
}

function toMessage({ message, details = [] }: Failure): string {
  return [message, ...details.map(({ path, message: what }) => `${path}: ${what}`)].join(' ');
}
