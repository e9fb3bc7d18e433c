import { lockDataDir } from '../../src/db/data-dir.ts';

// Takes and releases the lock of a folder as its parent process commands, and answers each command.
const [folder] = process.argv.slice(2) as [string];
let unlock = () => {};
process.on('message', async (command) => {
  if (command === 'take') process.send?.(await take());
  else {
    unlock();
    unlock = () => {};
    process.send?.('left');
  }
});
process.send?.('ready');

async function take(): Promise<string> {
  try {
    unlock = await lockDataDir(folder);
    return 'taken';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}
