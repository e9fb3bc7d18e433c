import { createReadStream } from 'node:fs';

/** A line of a file, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** `undefined`: longer than allowed. */
  readonly text: string | undefined;
}

const newline = 10;

/**
 * Reads a file line by line. Of a line that is longer than `maxBytes` no more than that is kept in memory.
 *
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
    const line = { number: ++number, text: size <= maxBytes ? Buffer.concat(parts).toString('utf8') : undefined };
    [parts, size] = [[], 0];
    return line;
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
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
