import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';

/**
 * Listens on a Unix socket that is for the user of this process alone, from its first moment and whatever the umask is: it is
 * made in a folder of mode 700, and moved to its path with mode 600. The caller removes it.
 *
 * @throws an error of the file system · EINVAL the path is too long for a socket
 */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  const folder = mkdtempSync(join(dirname(path), '.socket-'));
  const draft = join(folder, 'sock');
  try {
    await listen(server, draft);
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
