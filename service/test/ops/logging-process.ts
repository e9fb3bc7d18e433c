import { pbkdf2 } from 'node:crypto';
import { createSystemClock } from '@latchkey/core/internal';
import { createLogger } from '../../src/ops/logger.ts';

// Logs so many lines of 1 KB at once and sends a message. At the command `exit` it exits, at `throw` it throws, and at `busy`
// it logs as many again while the threads of Node are busy, and exits. At any other it waits for its reader and logs one more
// line.
const log = createLogger({ level: 'info', clock: createSystemClock() });
const count = Number(process.argv[2]);
function logLines(from: number): void {
  for (let line = from; line < from + count; line += 1) log.info({ line, more: 'y'.repeat(950) }, 'one of many');
}

/** Each of the four threads has work for some hundred milliseconds. */
function occupyThreads(): void {
  for (let thread = 0; thread < 4; thread += 1) pbkdf2('password', 'salt', 150_000, 64, 'sha512', () => {});
}

const commands: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(0),
  throw() {
    process.on('exit', () => log.info({}, 'a line of a listener of exit'));
    throw new Error('an error that nothing catches');
  },
  busy() {
    occupyThreads();
    logLines(count);
    setTimeout(() => {
      logLines(2 * count);
      process.exit(0);
    }, 50);
  },
  continue: () =>
    setTimeout(() => {
      log.info({}, 'the last line');
      process.exit(0);
    }, 1_000),
};

logLines(0);
process.on('message', (command: string) => commands[command]!());
process.send?.('logged');
