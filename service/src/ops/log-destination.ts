import { fstatSync } from 'node:fs';
import type { Clock } from '@latchkey/core/internal';
import type { DestinationStream } from 'pino';
import { createFileDestination, openLogFile } from './log-file.ts';
import { createStreamDestination } from './log-stream.ts';

/** A destination of log lines that blocks the process neither for a reader nor for a disk. */
export interface LogDestination extends DestinationStream {
  /** How many lines were lost since the start. */
  lost(): number;
  /** Writes the waiting lines before an exit. Further lines are written at once. Blocks, for 3 s at most. */
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
 * Lines keep their order. A reader that stops reading, a slow disk or a full one costs lines, never the process: up to 1 MiB
 * waits for a reader and up to 8 MiB for a disk. Further lines are lost and counted.
 *
 * @example
 * const destination = createLogDestination({ fd: process.stdout.fd, clock });
 */
export function createLogDestination({ fd, ...options }: LogDestinationOptions): LogDestination {
  if (fstatSync(fd).isFile()) return createFileDestination({ file: openLogFile(fd), ...options });
  return createStreamDestination({ fd, ...options });
}
