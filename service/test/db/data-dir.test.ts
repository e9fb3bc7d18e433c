import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { sql } from 'kysely';
import { seedEmbeddedData } from '../../../test-kit/database/embedded-data.ts';
import { lockDataDir, openLivenessSocket } from '../../src/db/data-dir.ts';
import { DataDirInUseError } from '../../src/db/data-dir-error.ts';
import { createEmbeddedDatabase } from '../../src/db/embedded.ts';
import { restrictToOwner } from '../../src/db/private-files.ts';

describe('lockDataDir', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const refusal = (taking: Promise<unknown>) =>
    taking.then(
      () => undefined,
      (error: Error) => error,
    );

  it('locks the folder for one owner, and unlocks it', async () => {
    const unlock = await lockDataDir(folder);
    const error = await refusal(lockDataDir(folder));
    expect(error).to.be.instanceOf(DataDirInUseError);
    expect(error!.message).to.contain(`process ${process.pid}`);
    unlock();
    (await lockDataDir(folder))();
    expect(readdirSync(folder), 'one empty file, however often').to.deep.equal(['lock.2']);
  });

  it('locks it for one of many concurrent callers', async () => {
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(folder)));
    const won = taken.filter((one) => one.status === 'fulfilled');
    expect(won).to.have.length(1);
    won[0]!.value();
  });

  it('takes over from an owner that ended, also when another process has its pid now', async () => {
    for (const stale of [
      { pid: 4_194_303, started: '', lifeline: 'owner-00.sock' },
      { pid: process.pid, started: 'another boot', lifeline: 'owner-00.sock' },
    ]) {
      writeFileSync(join(folder, 'lock'), JSON.stringify(stale));
      (await lockDataDir(folder))();
    }
  });

  it('respects the lock of a running owner whose pid is unknown here, as in another container', async () => {
    const hangUp = await openLivenessSocket(join(folder, 'owner-0a.sock'));
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 4_194_303, started: '', lifeline: 'owner-0a.sock' }));
    expect(await refusal(lockDataDir(folder))).to.be.instanceOf(DataDirInUseError);
    hangUp();
    (await lockDataDir(folder))();
  });

  it('takes over from an incomplete lock', async () => {
    writeFileSync(join(folder, 'lock'), '{"pi');
    (await lockDataDir(folder))();
  });

  it('locks it for exactly one of five processes that find an ended owner at once, and rejects the others with a message', async function () {
    this.timeout(60_000);
    const program = fileURLToPath(new URL('locking-process.ts', import.meta.url));
    const args = ['--import', 'tsx', '--conditions=@latchkey/source', program, folder];
    const children = Array.from({ length: 5 }, () =>
      spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    const answers = () => Promise.all(children.map(async (child) => (await once(child, 'message'))[0] as string));
    const send = (command: string) => {
      const answered = answers();
      for (const child of children) child.send(command);
      return answered;
    };
    try {
      await answers();
      for (let round = 0; round < 100; round++) {
        const dead = { pid: 4_194_303, started: '', lifeline: 'owner-00.sock' };
        const locks = readdirSync(folder).filter((name) => name.startsWith('lock'));
        writeFileSync(join(folder, locks.at(-1) ?? 'lock'), JSON.stringify(dead));
        const taken = await send('take');
        expect(taken.filter((answer) => answer === 'taken')).to.have.length(1);
        for (const answer of taken.filter((each) => each !== 'taken'))
          expect(answer).to.match(/^DataDirInUseError: .* in use by process \d+\. Stop it, or set LATCHKEY_DATA_DIR/);
        await send('leave');
      }
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });
});

describe('the permissions of the data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-modes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Paths with permissions of other users than the owner. */
  const open = () => {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
    return [folder, ...paths].filter((path) => (statSync(path).mode & 0o077) !== 0);
  };

  it('are 700 and 600 after a start on a folder that was open to all, also for files that are made later', async function () {
    this.timeout(60_000);
    await seedEmbeddedData(folder);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o666);
    }
    chmodSync(folder, 0o777);
    const errors: Error[] = [];
    const database = createEmbeddedDatabase({ dataDir: folder, onError: (error) => errors.push(error) });
    await database.open();
    await sql`CREATE TABLE made_later (x int)`.execute(database.db);
    await sql`INSERT INTO made_later SELECT generate_series(1, 1000)`.execute(database.db);
    await sql`CHECKPOINT`.execute(database.db);
    expect(open()).to.deep.equal([]);
    await database.close();
    expect(open()).to.deep.equal([]);
    expect(errors).to.deep.equal([]);
  });

  it('are 700 and 600 from the first start on, whatever the umask is', async function () {
    this.timeout(60_000);
    const umask = process.umask(0);
    try {
      const dataDir = join(folder, 'data');
      const database = createEmbeddedDatabase({ dataDir, onError: (error) => expect.fail(error.message) });
      await database.open();
      expect(readdirSync(dataDir)).to.include('db');
      expect(open()).to.deep.equal([]);
      await database.close();
      expect(open()).to.deep.equal([]);
    } finally {
      process.umask(umask);
    }
  });

  it('are reported with the name of the setting when they cannot be changed', () => {
    rmSync(folder, { recursive: true });
    expect(restrictToOwner(folder)).to.contain(folder).and.to.contain('LATCHKEY_DATA_DIR');
    mkdirSync(folder);
  });
});
