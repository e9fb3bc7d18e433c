import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { startPostgres } from '../database/postgres.ts';
import { sharedPostgres } from '../database/shared-postgres.ts';

async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client.query(text).finally(() => client.end());
}

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy()).once('connect', () => socket.destroy());
  });
}

describe('startPostgres', () => {
  it('creates separate databases, copied from a template on request', async () => {
    const postgres = await sharedPostgres();
    const template = await postgres.createDatabase();
    await query(template, 'CREATE TABLE a AS SELECT 7 AS n');
    const copy = await postgres.createDatabase(template);
    await query(copy, 'UPDATE a SET n = 8');
    expect((await query(template, 'SELECT n FROM a')).rows).to.deep.equal([{ n: 7 }]);
    expect((await query(copy, 'SELECT n FROM a')).rows).to.deep.equal([{ n: 8 }]);
    await postgres.dropDatabase(copy);
    await postgres.dropDatabase(template);
    expect(await query(template, 'SELECT 1').catch((error: { code: string }) => error.code)).to.equal('3D000');
  });

  it('is one server for the whole test run', async () => {
    expect(await sharedPostgres()).to.equal(await sharedPostgres());
  });

  it('restarts on the same port after a crash or a shutdown, with what was committed', async () => {
    const postgres = await startPostgres();
    const url = await postgres.createDatabase();
    await query(url, 'CREATE TABLE a AS SELECT 1 AS n');
    for (const mode of ['immediate', 'fast'] as const) {
      const before = postgres.pid();
      await postgres.restart(mode);
      expect(postgres.pid()).not.to.equal(before);
      expect((await query(url, 'SELECT n FROM a')).rows).to.deep.equal([{ n: 1 }]);
    }
    await postgres.halt('immediate');
    expect(await isListening(postgres.port)).to.equal(false);
    await postgres.start();
    await postgres.stop();
    expect(await isListening(postgres.port)).to.equal(false);
  });

  it('answers nothing while paused and everything afterwards', async () => {
    const postgres = await startPostgres();
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    postgres.pause();
    let answered = false;
    const answer = client.query('SELECT 1').then(() => {
      answered = true;
    });
    await sleep(150);
    expect(answered).to.equal(false);
    postgres.resume();
    await answer;
    await client.end();
    postgres.pause();
    await postgres.stop();
  });

  it('ends, and leaves no files, when the test process is killed', async () => {
    const script = `import { startPostgres } from ${JSON.stringify(new URL('../database/postgres.ts', import.meta.url).href)};
      const postgres = await startPostgres();
      console.log(postgres.port, postgres.folder);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port, folder] = await new Promise<string[]>((resolve) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim().split(' ')));
    });
    expect(await isListening(Number(port))).to.equal(true);
    child.kill('SIGKILL');
    for (let turn = 0; turn < 100 && (existsSync(String(folder)) || (await isListening(Number(port)))); turn += 1) {
      await sleep(50);
    }
    expect(await isListening(Number(port))).to.equal(false);
    expect(existsSync(String(folder))).to.equal(false);
  });
});
