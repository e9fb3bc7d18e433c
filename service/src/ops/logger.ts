import { type Clock, type Logger, maskSecrets } from '@latchkey/core/internal';
import { type DestinationStream, pino } from 'pino';
import { createLogDestination, type LogDestination } from './log-destination.ts';
import { redact } from './redact.ts';

type LogMethod = Logger['warn'];

/** Log of the service: one JSON object a line. */
export interface ServiceLogger extends Required<Logger> {
  readonly trace: LogMethod;
  readonly info: LogMethod;
  readonly fatal: LogMethod;
  /** How many lines were lost since the start. Absent: none can be. */
  lost?(): number;
}

export interface LoggerOptions {
  /** Least severe level that is written. */
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly clock: Clock;
  /** Id of the process in presence. Its first eight characters are `node` of each line. Default: lines have no `node`. */
  readonly serverId?: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** The standard output of each log. What waits there is written before this process exits. */
const outputs = new Set<Pick<LogDestination, 'flush'>>();

/**
 * Makes the log. On the standard output it also writes what waits before the process exits. Whatever is handed to it, no
 * password, code, token, key, verifier, proof or Authorization value leaves: fields are masked by name at any depth, and the
 * finished line once more by the look of a credential.
 *
 * @example
 * const log = createLogger({ level: 'info', clock, serverId });
 * log.error({ err: error, request_id }, 'the feed broke off');
 */
export function createLogger(options: LoggerOptions): ServiceLogger {
  const { clock, destination, serverId } = options;
  const output = destination ?? openStandardOutput(clock, (lines) => reportLost(lines));
  const logger = pino(
    {
      level: options.level,
      base: serverId === undefined ? null : { node: serverId.slice(0, 8) },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      // `err` is a plain object by now.
      serializers: { err: (err: unknown) => err },
      hooks: { streamWrite: (line) => maskSecrets(line) },
    },
    output,
  );
  const reportLost = (lost_lines: number) =>
    logger.error({ lost_lines }, 'log lines were lost: the standard output was not read, or could not be written');
  const write =
    (level: Exclude<LoggerOptions['level'], 'silent'>): LogMethod =>
    (fields, message) =>
      logger[level](fields, message);
  return Object.freeze({
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    lost: () => (output as Partial<LogDestination>).lost?.() ?? 0,
  });
}

function openStandardOutput(clock: Clock, onLost: (lines: number) => void): LogDestination {
  // Reading `process.stdout` also makes it non-blocking.
  const output = createLogDestination({ fd: process.stdout.fd, clock, onLost });
  if (outputs.size === 0) process.on('exit', flushAll);
  outputs.add(output);
  return output;
}

function flushAll(): void {
  for (const output of outputs) output.flush();
}
