import type { Clock } from '@latchkey/core/internal';
import { type Config, createConfig } from '../config/config.ts';
import { createLogger, type ServiceLogger } from '../ops/logger.ts';
import type { Output } from './output.ts';

/** What a run of the command line reads and writes. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Takes data. */
  readonly stdout: Output;
  /** Takes notes, log lines and errors. */
  readonly stderr: Output;
}

/** What every command gets. */
export interface CommandContext extends CommandIo {
  /** The option `--json` was given. */
  readonly isJson: () => boolean;
}

/** The settings of a command that runs beside the service, and its log, which goes to the standard error output. */
export interface CommandSettings {
  readonly config: Config;
  readonly log: ServiceLogger;
  readonly clock: Clock;
}

/**
 * Reads the settings of a command.
 *
 * @param options.databaseOnly the command needs the database alone: no secret and no public URL
 * @throws ConfigError
 */
export function readCommandSettings(
  { env, clock, stderr }: CommandContext,
  options: { readonly databaseOnly?: boolean } = {},
): CommandSettings {
  const config = createConfig(env, options);
  const log = createLogger({
    level: config.logLevel,
    clock,
    destination: { write: (line) => void stderr.write(line) },
  });
  return { config, log, clock };
}

/** What the user of a command has to know or to change: one sentence, and the exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}
