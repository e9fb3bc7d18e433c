import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { listenPrivately } from '../../src/db/private-socket.ts';

describe('listenPrivately', () => {
  let folder: string;
  let server: Server;
  let umask: number;
  beforeEach(() => {
    umask = process.umask(0);
    folder = mkdtempSync(join(tmpdir(), 'latchkey-socket-'));
    // As a data folder that an earlier version, or another program, has made.
    chmodSync(folder, 0o777);
    server = createServer((socket) => socket.end('hello'));
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true });
    process.umask(umask);
  });

  /** Sockets that another user could connect to. */
  const reachable = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isSocket() && (statSync(path).mode & 0o077) !== 0)
      .filter((path) => (statSync(dirname(path)).mode & 0o077) !== 0);

  it('lets no other user connect, from the first moment on, and leaves the socket alone', async () => {
    const path = join(folder, 'own.sock');
    const listening = listenPrivately(server, path);
    expect(server.listening).to.equal(true);
    expect(reachable()).to.deep.equal([]);
    await listening;
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(readdirSync(folder)).to.deep.equal(['own.sock']);
    const client = connect(path);
    const [text] = await once(client, 'data');
    expect(String(text)).to.equal('hello');
  });

  it('takes the place of a socket that a process left behind', async () => {
    const path = join(folder, 'own.sock');
    await listenPrivately(createServer().unref(), path);
    await listenPrivately(server, path);
    const [text] = await once(connect(path), 'data');
    expect(String(text)).to.equal('hello');
  });

  it('leaves nothing behind where the path is too long for a socket', async () => {
    const deep = join(folder, 'x'.repeat(200));
    mkdirSync(deep);
    const path = join(deep, 'own.sock');
    const error = await listenPrivately(server, path).catch((caught: Error) => caught);
    expect(error).to.be.instanceOf(Error);
    expect(existsSync(path)).to.equal(false);
    expect(readdirSync(deep)).to.deep.equal([]);
  });
});
