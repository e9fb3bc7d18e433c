import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';

/**
 * Listens on a Unix socket and sends nothing: a successful connect shows that this process runs, also from another
 * container that shares the folder. Does nothing if the path is too long for a socket. Keeps no process running.
 * ¦
 * @returns the function that closes and removes it
 */
export async function openLivenessSocket(path: string): Promise<() => void> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(path, () => resolve());
  });
  server.on('error', () => {});
  server.unref();
  return () => {
    server.close();
    rmSync(path, { force: true });
  };
}

/** True when a process listens there; also one that is stopped or too busy to answer. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'));
    socket.once('close', () => socket.destroy());
    socket.unref();
  });
}
