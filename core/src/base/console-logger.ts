import type { Logger } from './logger.ts';
import { maskSecrets } from './mask-secrets.ts';

/** A console, such as the global `console`. */
type ConsoleLike = Pick<Console, 'warn' | 'error'>;

/**
 * The log of an app that gives none: one line each, the message and its fields as JSON.
 *
 * @example
 * createConsoleLogger(console).warn({ setting: 'origins' }, 'refused'); // latchkey: refused {"setting":"origins"}
 */
export function createConsoleLogger(out: ConsoleLike): Logger {
  const line = (fields: Readonly<Record<string, unknown>>, message: string) =>
    maskSecrets(`latchkey: ${message} ${JSON.stringify(fields, withErrors)}`);
  return Object.freeze<Logger>({
    warn: (fields, message) => out.warn(line(fields, message)),
    error: (fields, message) => out.error(line(fields, message)),
  });
}

/** The members of an `Error` are not enumerable, so JSON has none of them. */
function withErrors(_name: string, value: unknown): unknown {
  return value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : value;
}

/** Used where no log is given. */
export const consoleLogger: Logger = createConsoleLogger(console);
