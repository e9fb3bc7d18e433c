import { type Clock, createTimer } from '@latchkey/core/internal';
import { pino } from 'pino';
import { sleep } from './sleep.ts';

/** What may wait while nothing can be written, in bytes. Further lines are lost. */
const maxBufferedBytes = 1_048_576;
const retryMs = 50;
/** How long an exit may wait for the reader of the log. */
const maxFlushMs = 500;

/**
 * Writes each line at once to a pipe, a socket or a terminal, which has to be non-blocking. What its reader does not take
 * waits.
 */
export function createStreamDestination(options: {
  readonly fd: number;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly onLost?: (lines: number) => void;
}) {
  const { fd, clock, onLost = () => {} } = options;
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

  return Object.freeze({
    write: (line: string) => void output.write(line),
    lost: () => lost,
    flush() {
      const end = clock.monotonic() + maxFlushMs;
      while (retry() && clock.monotonic() < end) sleep(10);
    },
  });
}
