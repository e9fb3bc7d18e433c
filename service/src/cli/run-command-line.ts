import { CommanderError } from 'commander';
import type { CommandIo } from './command-context.ts';
import { toErrorMessage } from './error-message.ts';
import { createProgram } from './program.ts';

type ExitCode = 0 | 1 | 2;

const defaultCommand = 'serve';

/**
 * Runs a command line.
 *
 * @param words after the name of the program; none: `serve`
 * @returns the exit code, once the command is done and its output is written: 0 done, 1 failed, 2 usage. After `serve` the service runs
 * @example
 * await runCommandLine(['user', 'list', '--json'], { env: processEnv(), clock, stdout, stderr }); // 0
 */
export async function runCommandLine(words: readonly string[], io: CommandIo): Promise<ExitCode> {
  const exitCode = await runWords(words, io);
  const isWritten = await confirmWritten(io);
  return exitCode === 0 && !isWritten ? 1 : exitCode;
}

async function runWords(words: readonly string[], io: CommandIo): Promise<ExitCode> {
  try {
    await createProgram(io).parseAsync(words.length === 0 ? [defaultCommand] : words, { from: 'user' });
    return 0;
  } catch (error) {
    // Written by then. Help and version that were asked for have the code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    void io.stderr.write(`${toErrorMessage(error)}\n`);
    return 1;
  }
}

/** Waits for slower readers, and says why data is lost, if it is. A reader that has ended wants no more: that is no loss. */
async function confirmWritten({ stdout, stderr }: Pick<CommandIo, 'stdout' | 'stderr'>): Promise<boolean> {
  await stdout.flush();
  const error = stdout.error();
  const isWritten = error === undefined || error.isReaderClosed;
  if (!isWritten) void stderr.write(`The standard output cannot be written (${error.code}).\n`);
  await stderr.flush();
  return isWritten;
}
