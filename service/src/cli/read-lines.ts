import { createReadStream } from 'node:fs';
import { fail } from '@latchkey/contract';

/** A line of a file, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** `undefined`: longer than allowed, or no UTF-8. */
  readonly text: string | undefined;
}

const newline = 10;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a file line by line. Of a line that is longer than `maxBytes` no more than that is kept in memory.
 *
 * @throws invalid_request the file cannot be read
 * @example for await (const { number, text } of readLines('users.ndjson', 65_536)) …
 */
export async function* readLines(path: string, maxBytes: number): AsyncGenerator<Line, void> {
  let number = 0;
  let parts: Buffer[] = [];
  let size = 0;
  const take = (part: Buffer) => {
    size += part.length;
    if (size <= maxBytes) parts.push(part);
    else parts = [];
  };
  const finish = (): Line => {
    const line = { number: ++number, text: size <= maxBytes ? decode(Buffer.concat(parts)) : undefined };
    [parts, size] = [[], 0];
    return line;
  };
  for await (const chunk of readChunks(path)) {
    let from = 0;
    for (let to = chunk.indexOf(newline); to >= 0; to = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, to));
      yield finish();
      from = to + 1;
    }
    take(chunk.subarray(from));
  }
  if (size > 0) yield finish();
}

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

async function* readChunks(path: string): AsyncGenerator<Buffer, void> {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>;
  } catch (error) {
    throw fail('invalid_request', { message: describeReadError(path, error), cause: error });
  }
}

const readErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you have no permission to read it',
};

function describeReadError(path: string, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return `${path} cannot be read: ${readErrors[code] ?? message}.`;
}
