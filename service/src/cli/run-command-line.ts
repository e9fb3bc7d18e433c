import { CommanderError } from 'commander';
import type { CommandIo } from './command-context.ts';
import { toErrorMessage } from './error-message.ts';
import { createProgram } from './program.ts';

const defaultCommand = 'serve';

/**
 * Runs a command line.
 *
 * @param words after the name of the program; none: `serve`
 * @returns the exit code, once the command is done: 0 done, 1 failed, 2 usage. After `serve` the service runs
 * @example
 * await runCommandLine(['user', 'list', '--json'], { env: processEnv(), clock, stdout, stderr }); // 0
 */
export async function runCommandLine(words: readonly string[], io: CommandIo): Promise<0 | 1 | 2> {
  try {
    await createProgram(io).parseAsync(words.length === 0 ? [defaultCommand] : words, { from: 'user' });
    return 0;
  } catch (error) {
    // Written by then. Help and version that were asked for have the code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    io.stderr.write(`${toErrorMessage(error)}\n`);
    return 1;
  }
}
