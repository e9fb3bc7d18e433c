import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';

/**
 * Loaded before a program's own file. Ends the program with SIGTERM when its parent process has ended, also after a crash
 * of the parent. Sends the parent each TCP port that the program listens on.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();

subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const address = (message as { server: Server }).server.address();
  // The callback takes the error of a parent that has ended.
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port }, () => {});
});
