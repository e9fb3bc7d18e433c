/**
 * Ends this process when its output cannot be written: silently where the reader has ended, such as `head`, else with a
 * sentence. The command may not be done. Errors of the standard error output are ignored.
 */
export function exitWithoutReader(): void {
  process.stderr.on('error', ignore);
  process.stdout.on('error', exit);
}

/**
 * From now on this process continues when its output cannot be written. The log has its own way there; what else writes is
 * the code of hooks, by `console.log`.
 */
export function continueWithoutReader(): void {
  process.stdout.off('error', exit).on('error', ignore);
}

function ignore(): void {}

function exit({ code }: NodeJS.ErrnoException): never {
  if (code !== 'EPIPE') process.stderr.write(`The standard output cannot be written (${code}).\n`);
  return process.exit(1);
}

/** Ends this process once a reader that is slower has everything that was written. */
export async function exitWhenWritten(exitCode: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(written));
  return process.exit(exitCode);
}

function written(output: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}
