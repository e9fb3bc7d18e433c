#!/usr/bin/env node
import { type Clock, createSystemClock } from '@latchkey/core/internal';
import { createService, type Service } from './bootstrap/create-service.ts';
import { isAccountCommand } from './cli/account-commands.ts';
import { rotateKeys, runMigrations, serveRestored } from './cli/commands.ts';
import { isDataCommand, runDataCommand, withPlainErrors } from './cli/data-command.ts';
import { describeDatabaseError } from './cli/database-start-error.ts';
import { runDoctorCommand } from './cli/doctor/doctor-command.ts';
import { parseArguments } from './cli/parse-arguments.ts';
import { logReadiness } from './cli/ready-log.ts';
import { toTabSeparated } from './cli/tab-separated.ts';
import { runExportCommand } from './cli/user-export-command.ts';
import { runImportCommand } from './cli/user-import-command.ts';
import { type Config, createConfig, maskedConfig } from './config/config.ts';
import { ConfigError, processEnv } from './config/env.ts';
import { DataDirInUseError, DataDirUnusableError } from './db/data-dir.ts';
import type { HookFunctions } from './hook/hook.ts';
import { loadHooks } from './hook/load-hooks.ts';
import { createLogger, type ServiceLogger } from './ops/logger.ts';

/** Prints the answer of a command as JSON. */
const jsonFlag = '--json';

type Command = (config: Config, log: ServiceLogger, clock: Clock) => Promise<void>;

const commands: Readonly<Record<string, Command>> = {
  serve,
  migrate: runMigrations,
  'keys rotate': rotateKeys,
  'database restored': serveRestored({ keepSessions: false }),
  'database restored --keep-sessions': serveRestored({ keepSessions: true }),
};

const usage = `latchkey <command>

  serve         runs the service (default)
  migrate       brings the database of DATABASE_URL to the newest schema
  keys rotate   makes the next signing key the current one

  database restored [--keep-sessions]
                after a backup was restored: ends every session, unless said otherwise, and serves the database

  backend create <name> [--id x] [--tenant t] [--scopes a,b] [--origins a,b]
                prints the credential of a new backend, this once
  backend list | rotate <id> | remove <id>

  operator add <email> | remove <email> [--tenant t]
                who may use /admin; the user has to be registered
  operator list

  doctor [--mail address] [--json]
                names what is wrong with the installation, and what to do

  mail test <address>
                sends a mail now, and prints what the mail server said

  user list [--tenant t] [--search text] [--operators] [--disabled]
  user create <email> [--tenant t] [--name n] [--locale l] [--verified] [--require-password]
  user show | disable | enable | require-password | send-reset <id or email> [--tenant t]
  user delete <id or email> [--tenant t] --yes
                the users of tenants; with --json as JSON

  tenant list | show <id> | disable <id> | enable <id> | delete <id> --yes
  tenant create <id> <name> [settings] | set <id> [--name n] [settings]
                settings: --registration open|closed, --max-active-minutes, --max-idle-minutes, --email-verification,
                --email-sign-in on|off, --password-min-length, --allowed-domains a,b|all, --max-sessions,
                --session-limit end_oldest|refuse, --locale; with --json as JSON

  user import <file> [--tenant t] [--dry-run] [--allow-weak-hashes]
                stores users of another system, one a line as JSON; prints what became of each
  user export [--tenant t] [--with-secrets]
                prints the users of a tenant, one a line; hashes of passwords only if asked for
`;

async function main(args: readonly string[]): Promise<void> {
  const clock = createSystemClock();
  if (args[0] === 'doctor') {
    process.exitCode = await examine(args.slice(1), clock);
    return;
  }
  const command = findCommand(args);
  if (command === undefined) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  const config = createConfig(processEnv(), { databaseOnly: command === runMigrations });
  const log = createLogger({ level: config.logLevel, clock });
  process.on('exit', log.flush);
  await command(config, log, clock);
}

/** Its settings may be what is wrong, so that it reads them itself. */
function examine(words: readonly string[], clock: Clock): Promise<number> {
  const { mail, json } = parseArguments(words, ['mail'], ['json']).options;
  return runDoctorCommand({ mail, json: json !== undefined }, { env: processEnv(), clock, output: process.stdout });
}

function findCommand(args: readonly string[]): Command | undefined {
  const [noun, verb, ...words] = args;
  if (noun === 'user' && verb === 'import') return importCommand(words);
  if (noun === 'user' && verb === 'export') return exportCommand(words);
  return isDataCommand(args) ? dataCommand(args) : commands[args.join(' ') || 'serve'];
}

const importCommand = (words: readonly string[]) => (config: Config, log: ServiceLogger, clock: Clock) =>
  withPlainErrors(async () => {
    const isValid = await runImportCommand(words, { config, log, clock, output: process.stdout });
    if (!isValid) process.exitCode = 1;
  });

const exportCommand = (words: readonly string[]) => (config: Config, log: ServiceLogger, clock: Clock) =>
  withPlainErrors(() => runExportCommand(words, { config, log, clock, output: process.stdout }));

const dataCommand = (given: readonly string[]) => async (config: Config, log: ServiceLogger, clock: Clock) => {
  const words = given.filter((word) => word !== jsonFlag);
  const answer = await runDataCommand(words, config, log, clock);
  const isPlain = isAccountCommand(words) && words.length === given.length;
  process.stdout.write(isPlain ? toTabSeparated(answer) : `${JSON.stringify(answer, null, 2)}\n`);
};

async function serve(config: Config, log: ServiceLogger, clock: Clock): Promise<void> {
  const hooks = config.hooks === undefined ? {} : await loadConfiguredHooks(config.hooks);
  const service = createService({
    config,
    hooks,
    log,
    clock,
    onOperatorLink: printOperatorLink,
    onMailboxLink: printMailboxLink,
  });
  stopOnSignal(service, config, log, clock);
  await service.start();
  await logReadiness(service.readiness, { config, log, clock });
  log.debug({ config: maskedConfig(config) }, 'effective configuration');
}

/** Not on the standard output: that is the log's, which holds no credentials. */
function printOperatorLink(link: string): void {
  process.stderr.write(`\nThe first operator signs up here, once, within 24 hours:\n  ${link}\n\n`);
}

/** Not on the standard output, because it holds a key. */
function printMailboxLink(link: string): void {
  process.stderr.write(`\nNo mail server is set. Mails are shown here:\n  ${link}\n\n`);
}

async function loadConfiguredHooks(path: string): Promise<HookFunctions> {
  try {
    return await loadHooks(path);
  } catch (error) {
    throw new ConfigError(`LATCHKEY_HOOKS: ${(error as Error).message}`, { cause: error });
  }
}

/** A terminal signals the whole group, and npm hands the signal on as well: what follows at once is the same signal. */
const sameSignalMs = 500;

/** The first signal drains, the second ends the process at once. A deadline limits both. */
function stopOnSignal(service: Service, config: Config, log: ServiceLogger, clock: Clock): void {
  let stoppingAt: number | undefined;
  const stop = (signal: string) => {
    if (stoppingAt !== undefined) {
      if (clock.monotonic() - stoppingAt > sameSignalMs) process.exit(1);
      return;
    }
    stoppingAt = clock.monotonic();
    log.info({ signal }, 'stopping');
    clock.after(config.shutdownDeadlineInSecs * 1_000, () => {
      log.warn({}, 'the deadline cut what was still open');
      process.exit(0);
    });
    service.stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled promise rejection'));
}

/** A mistake of the operator is one sentence. Any other error is a defect, and shows where it was thrown. */
function toMessage(error: unknown): string | undefined {
  const isKnown = [ConfigError, DataDirInUseError, DataDirUnusableError].some((kind) => error instanceof kind);
  return isKnown ? (error as Error).message : describeDatabaseError(error);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${toMessage(error) ?? (error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
});
