import { type Clock, createTimer } from '@latchkey/core/internal';
import { type DestinationStream, pino } from 'pino';

/** What may wait while nothing can be written, in bytes. Further lines are lost. */
const maxBufferedBytes = 1_048_576;
const retryMs = 50;
/** How long an exit may wait for the reader of the log. */
const maxFlushMs = 500;

/** A destination of log lines that never blocks the process for a reader. */
export interface LogDestination extends DestinationStream {
  /** How many lines were lost since the start. */
  lost(): number;
  /** Writes the waiting lines before an exit. Blocks, for 500 ms at most. */
  flush(): void;
}

interface LogDestinationOptions {
  /**
   * File descriptor. A pipe, a socket or a terminal has to be non-blocking, which Node does for the standard output as soon
   * as `process.stdout` is read. A full one then fails with EAGAIN.
   */
  readonly fd: number;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** Called with the number of lost lines, once everything that waited was written. */
  readonly onLost?: (lines: number) => void;
}

/**
 * Writes each line at once, so that the last one before an exit is not lost. A reader that stops reading or a full disk
 * costs lines, never the process: up to 1 MiB waits until it can be written, further lines are lost and counted.
 */
export function createLogDestination({ fd, clock, onLost = () => {} }: LogDestinationOptions): LogDestination {
  // The synchronous mode keeps what could not be written. Its own retries would block, so they are off.
  const output = pino.destination({ dest: fd, sync: true, maxLength: maxBufferedBytes, retryEAGAIN: () => false });
  let isFull = false;
  const timer = createTimer(clock, retry);
  let lost = 0;
  let reported = 0;

  output.on('drop', () => {
    lost += 1;
  });
  output.on('drain', () => {
    // The event is late: lines that followed may wait again, and the report would be lost among them.
    if (isFull) return;
    const lines = lost - reported;
    reported = lost;
    if (lines > 0) onLost(lines);
  });
  // After other errors, such as a full disk, the next line tries again.
  output.on('error', ({ code }: NodeJS.ErrnoException) => {
    isFull = code === 'EAGAIN';
    if (isFull) timer.set(retryMs);
  });

  /** Writes what waits. @returns whether the reader has to read first */
  function retry(): boolean {
    isFull = false;
    output.write('');
    return isFull;
  }

  return Object.freeze<LogDestination>({
    write: (line: string) => void output.write(line),
    lost: () => lost,
    flush() {
      const end = clock.monotonic() + maxFlushMs;
      while (retry() && clock.monotonic() < end) sleep(10);
    },
  });
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
