import type { Logger } from './logger.ts';

/** A console, such as the global `console`. */
type ConsoleLike = Pick<Console, 'warn' | 'error'>;

/**
 * The log of an app that gives none: one line each, the message and its fields as JSON.
 *
 * @example
 * createConsoleLogger(console).warn({ setting: 'origins' }, 'refused'); // latchkey: refused {"setting":"origins"}
 */
function createConsoleLogger(out: ConsoleLike): Logger {
  const line = (fields: Readonly<Record<string, unknown>>, message: string) =>
    `latchkey: ${message} ${JSON.stringify(fields)}`;
  return Object.freeze<Logger>({
    warn: (fields, message) => out.warn(line(fields, message)),
    error: (fields, message) => out.error(line(fields, message)),
  });
}

/** Used where no log is given. */
export const consoleLogger: Logger = createConsoleLogger(console);
