/**
 * Ends this process when its output cannot be written: silently where the reader has ended, such as `head`, else with a
 * sentence. The command may not be done. Errors of the standard error output are ignored.
 */
export function exitWithoutReader(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.stderr.write(`The standard output cannot be written (${code}).\n`);
    process.exit(1);
  });
}

/** Ends this process once a reader that is slower has everything that was written. */
export async function exitWhenWritten(exitCode: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(written));
  return process.exit(exitCode);
}

function written(output: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}
