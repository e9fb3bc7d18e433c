import type { Writable } from 'node:stream';

/** Takes text, and outlives its reader: after the first error of writing, text is dropped. */
export interface Output {
  /** Resolves once the text is written or dropped, so that who waits is as fast as the reader. */
  write(text: string): Promise<void>;
  /** Resolves once all text is written or dropped. */
  flush(): Promise<void>;
  /** The first error of writing: what was written since is lost. */
  error(): OutputError | undefined;
}

/** Why nothing more can be written. */
export interface OutputError {
  /** Such as `ENOSPC`. */
  readonly code: string;
  /** The reader has ended, such as `head`: it wants no more. */
  readonly isReaderClosed: boolean;
}

/** A pipe without a reader, and a socket that was closed with text in it. */
const readerClosedCodes = ['EPIPE', 'ECONNRESET'];

/**
 * Makes the output of a command from a stream of this process. Errors that other writers to the stream cause, such as the
 * code of hooks, are ignored.
 *
 * @example
 * const stdout = createOutput(process.stdout);
 * await stdout.write('id\tname\n');
 */
export function createOutput(stream: Writable): Output {
  let first: OutputError | undefined;
  let last = Promise.resolve();
  stream.on('error', () => {});

  const hand = (text: string) =>
    new Promise<void>((resolve) =>
      stream.write(text, (error) => {
        if (error) first ??= toOutputError(error);
        resolve();
      }),
    );

  return Object.freeze<Output>({
    write(text) {
      if (first === undefined && text !== '') last = hand(text);
      return last;
    },
    flush: () => last,
    error: () => first,
  });
}

function toOutputError(error: NodeJS.ErrnoException): OutputError {
  const { code = error.message } = error;
  return { code, isReaderClosed: readerClosedCodes.includes(code) };
}
