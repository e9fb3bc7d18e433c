import { type DestinationStream, pino } from 'pino';

/** What may wait while nothing can be written, in bytes; of more, the newest lines are lost. */
const mostWaiting = 1_048_576;

/**
 * Where the lines of the log go, written synchronously so that the last one before an exit is not lost. A full disk
 * behind it costs lines, never the process; each further line tries again.
 */
export function createLogOutput(fd: number): DestinationStream {
  const output = pino.destination({ dest: fd, sync: true, maxLength: mostWaiting });
  output.on('error', () => {});
  return output;
}
