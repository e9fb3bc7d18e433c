import { randomUUID } from 'node:crypto';
import type { Clock } from '@latchkey/core/internal';
import type { Command } from 'commander';
import { loadConfiguredHooks } from '../bootstrap/configured-hooks.ts';
import { createService, type Service } from '../bootstrap/create-service.ts';
import { StartInterrupted } from '../bootstrap/lifecycle.ts';
import { type Config, createConfig, maskedConfig } from '../config/config.ts';
import { createLogger, type ServiceLogger } from '../ops/logger.ts';
import type { CommandContext } from './command-context.ts';
import { withExample } from './define.ts';
import type { Output } from './output.ts';
import { logReadiness } from './ready-log.ts';

/** Adds `serve`, which is also what a run without a command does. */
export function addServe(program: Command, context: CommandContext): void {
  withExample(
    program
      .command('serve')
      .description('Runs the service (default). Its log goes to the standard output.')
      .action(() => serve(context)),
    'serve',
  );
}

/** Resolves when the service has started. The process ends with the signal that stops it. */
async function serve({ env, clock, stderr }: CommandContext): Promise<void> {
  const config = createConfig(env);
  const serverId = randomUUID();
  const log = createLogger({ level: config.logLevel, clock, serverId });
  const hooks = await loadConfiguredHooks(config);
  const service = createService({ config, hooks, log, clock, serverId, ...linkPrinters(stderr) });
  const startup = { isDone: false, isStopping: false };
  stopOnSignal(service, startup, { config, log, clock });
  try {
    await service.start();
  } catch (error) {
    // The signal ends the process, with the exit code of a stop.
    if (!startup.isStopping) throw error;
    if (!(error instanceof StartInterrupted)) log.warn({ err: error }, 'the start failed after the signal');
    return;
  } finally {
    startup.isDone = true;
  }
  if (startup.isStopping) return;
  await logReadiness(service.readiness, { config, log, clock });
  log.debug({ config: maskedConfig(config) }, 'effective configuration');
}

/** Not on the standard output: that is the log's, which holds no credentials. */
function linkPrinters(output: Output) {
  return {
    onOperatorLink: (link: string) =>
      void output.write(`\nThe first operator signs up here, once, within 24 hours:\n  ${link}\n\n`),
    onMailboxLink: (link: string) => void output.write(`\nNo mail server is set. Mails are shown here:\n  ${link}\n\n`),
  };
}

/** A terminal signals the whole group, and npm hands the signal on as well: what follows at once is the same signal. */
const sameSignalMs = 500;

/** A step of the start that takes longer is cut: opening the embedded database, or waiting for PostgreSQL. */
const startGraceMs = 500;

/**
 * The first signal drains, the second ends the process at once. A deadline limits both. A start under way is given up, which
 * is as safe as a crash: what it has not finished, the next start does.
 */
function stopOnSignal(
  service: Service,
  startup: { readonly isDone: boolean; isStopping: boolean },
  { config, log, clock }: { readonly config: Config; readonly log: ServiceLogger; readonly clock: Clock },
): void {
  let stoppingAt: number | undefined;
  const stop = (signal: string) => {
    if (stoppingAt !== undefined) {
      if (clock.monotonic() - stoppingAt > sameSignalMs) process.exit(1);
      return;
    }
    stoppingAt = clock.monotonic();
    startup.isStopping = true;
    log.info({ signal }, 'stopping');
    clock.after(startGraceMs, () => startup.isDone || process.exit(0));
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
