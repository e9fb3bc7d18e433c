import { fstat, fstatSync, write, writeSync } from 'node:fs';
import { type Clock, createTimer } from '@latchkey/core/internal';
import { sleep } from './sleep.ts';

/** What may wait while the disk is slow or full, in bytes. Further lines are lost. */
const maxWaitingBytes = 8 * 1_048_576;
/** After an error, such as a full disk. */
const retryMs = 1_000;
/** How long an exit waits for a write that a thread of Node has begun. */
const maxThreadMs = 2_000;
/** How long an exit repeats a write that fails. */
const maxRetryMs = 500;

type Done = (error: Error | null, result: number) => void;

/** What a destination does with its file. */
export interface LogFile {
  /** The size in bytes. @throws an error of the file system */
  size(): number;
  readSize(done: Done): void;
  /** Appends, and calls `done` with the number of bytes that were written. */
  write(bytes: Buffer, done: Done): void;
  /** @returns the number of bytes that were written @throws an error of the file system */
  writeSync(bytes: Buffer): number;
}

/** The open file of a descriptor, which is written to at its end. */
export function openLogFile(fd: number): LogFile {
  return {
    size: () => fstatSync(fd).size,
    readSize: (done) => fstat(fd, (error, stats) => done(error, error === null ? stats.size : 0)),
    write: (bytes, done) => write(fd, bytes, 0, bytes.length, null, (error, written) => done(error, written ?? 0)),
    writeSync: (bytes) => writeSync(fd, bytes),
  };
}

/**
 * Writes lines to a regular file in the threads of Node, one write after the other. What comes meanwhile is the next write.
 * pino's own destination does not fit: its flush neither waits for a write that has begun nor ends while the disk is full.
 */
export function createFileDestination(options: {
  readonly file: LogFile;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly onLost?: (lines: number) => void;
}) {
  const { file, clock, onLost = () => {} } = options;
  const retry = createTimer(clock, writeNext);
  let lines: string[] = [];
  /** Is written next, or is being written. */
  let chunk: Buffer = Buffer.alloc(0);
  /** Of `chunk` and `lines`. */
  let waitingBytes = 0;
  let isWriting = false;
  /** The size of the file after the write that a thread carries out. */
  let sizeAfter: number | undefined;
  let isExiting = false;
  let lost = 0;
  let reported = 0;

  function add(line: string): void {
    if (isExiting) {
      writeAtOnce(Buffer.from(line));
      return;
    }
    const bytes = Buffer.byteLength(line);
    if (waitingBytes + bytes > maxWaitingBytes) {
      lost += 1;
      return;
    }
    lines.push(line);
    waitingBytes += bytes;
    writeNext();
  }

  function writeNext(): void {
    if (isWriting || retry.isSet) return;
    if (chunk.length === 0) chunk = takeLines();
    if (chunk.length === 0) {
      reportLost();
      return;
    }
    isWriting = true;
    file.readSize((error, size) => {
      if (isExiting) return;
      if (error !== null) {
        onWritten(error, 0);
        return;
      }
      sizeAfter = size + chunk.length;
      file.write(chunk, onWritten);
    });
  }

  function onWritten(error: Error | null, written: number): void {
    if (isExiting) return;
    isWriting = false;
    sizeAfter = undefined;
    chunk = chunk.subarray(written);
    waitingBytes -= written;
    if (error !== null) retry.set(retryMs);
    writeNext();
  }

  function takeLines(): Buffer {
    const taken = Buffer.from(lines.join(''));
    lines = [];
    return taken;
  }

  function reportLost(): void {
    const count = lost - reported;
    reported = lost;
    if (count > 0) onLost(count);
  }

  function flush(): void {
    isExiting = true;
    if (sizeAfter !== undefined) {
      waitForSize(sizeAfter);
      chunk = Buffer.alloc(0);
    }
    sizeAfter = undefined;
    const rest = Buffer.concat([chunk, takeLines()]);
    chunk = Buffer.alloc(0);
    writeAtOnce(rest);
  }

  /** A thread does not report to a process that exits. Its write has to be first, so that lines keep their order. */
  function waitForSize(size: number): void {
    const end = clock.monotonic() + maxThreadMs;
    while (clock.monotonic() < end && sizeOr(size) < size) sleep(5);
  }

  function sizeOr(unknown: number): number {
    try {
      return file.size();
    } catch {
      return unknown;
    }
  }

  function writeAtOnce(bytes: Buffer): void {
    const end = clock.monotonic() + maxRetryMs;
    for (let rest = bytes; rest.length > 0; ) {
      try {
        rest = rest.subarray(file.writeSync(rest));
      } catch {
        if (clock.monotonic() >= end) return;
        sleep(10);
      }
    }
  }

  return Object.freeze({ write: add, lost: () => lost, flush });
}
