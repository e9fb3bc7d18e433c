import { type DestinationStream, pino } from 'pino';
import type { Clock } from '../base/clock.ts';
import { createLogOutput, type LogOutput } from './log-output.ts';
import { redact, redactText } from './redact.ts';

type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Where the service tells what happens: one JSON object a line. */
export interface Log {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
}

export interface LogOptions {
  /** Least severe level that is written. */
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly clock: Clock;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** The log of a process, which also writes what waits before the process exits. */
interface ProcessLog extends Log {
  /** Writes the waiting lines. Call it in a listener of `exit`. Blocks, for 500 ms at most. */
  readonly flush: () => void;
}

/**
 * Makes the log. Whatever is handed to it, no password, code, token, key, verifier, proof or Authorization value
 * leaves: fields are masked by name at any depth, and the finished line once more by the look of a credential.
 *
 * @example
 * const log = createLog({ level: 'info', clock });
 * log.error({ err: error, request_id }, 'the feed broke off');
 */
export function createLog(options: LogOptions): ProcessLog {
  const { clock, destination } = options;
  // Reading `process.stdout` also makes it non-blocking.
  const output = destination ?? createLogOutput({ fd: process.stdout.fd, clock, onLost: (lines) => reportLost(lines) });
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      // `err` is a plain object by now.
      serializers: { err: (err: unknown) => err },
      hooks: { streamWrite: redactText },
    },
    output,
  );
  const reportLost = (lost_lines: number) =>
    logger.error({ lost_lines }, 'log lines were lost: the standard output was not read, or could not be written');
  const write =
    (level: Exclude<LogOptions['level'], 'silent'>): Write =>
    (fields, message) =>
      logger[level](fields, message);
  return Object.freeze({
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    flush: () => (output as Partial<LogOutput>).flush?.(),
  });
}
