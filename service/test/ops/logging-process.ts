import { createSystemClock } from '@latchkey/core/internal';
import { createLogger } from '../../src/ops/logger.ts';

// Logs so many lines of 1 KB at once and sends a message. At the command `exit` it exits; at any other it waits for its
// reader and logs one more line.
const log = createLogger({ level: 'info', clock: createSystemClock() });
process.on('exit', log.flush);
for (let line = 0; line < Number(process.argv[2]); line += 1) log.info({ line, more: 'y'.repeat(950) }, 'one of many');
process.on('message', (command) => {
  if (command === 'exit') process.exit(0);
  setTimeout(() => {
    log.info({}, 'the last line');
    process.exit(0);
  }, 1_000);
});
process.send?.('logged');
