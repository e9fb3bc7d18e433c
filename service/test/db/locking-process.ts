import { lockDataFolder } from '../../src/db/data-folder.ts';

// Takes and leaves the lock of a folder at the words of the process that started it, and answers each.
const [folder] = process.argv.slice(2) as [string];
let unlock = () => {};
process.on('message', async (word) => {
  if (word === 'take') process.send?.(await take());
  else {
    unlock();
    unlock = () => {};
    process.send?.('left');
  }
});
process.send?.('ready');

async function take(): Promise<string> {
  try {
    unlock = await lockDataFolder(folder);
    return 'taken';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}
