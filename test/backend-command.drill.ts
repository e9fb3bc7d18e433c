import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WireError } from '@latchkey/contract';
import { expect } from 'chai';
import { type Credential, openPlainBackend } from '../test-kit/client/plain-backend.ts';
import { createCluster } from '../test-kit/node/cluster.ts';
import { startService } from '../test-kit/node/service-process.ts';

/** Runs a command, and reads what it printed. */
async function run(env: Record<string, string>, ...args: string[]): Promise<{ code: number; log: string }> {
  const command = await startService({ env, args: ['backend', ...args] });
  return { code: await command.exited(), log: command.log() };
}

async function printed<T>(env: Record<string, string>, ...args: string[]): Promise<T> {
  const { code, log } = await run(env, ...args, '--json');
  if (code !== 0) throw new Error(log);
  return JSON.parse(log) as T;
}

/** `ok`, or the code of the refusal. */
async function knock(url: string, credential: Credential): Promise<string> {
  const backend = openPlainBackend(url, credential);
  try {
    await backend.connected();
    return 'ok';
  } catch (error) {
    return (error as WireError).code;
  } finally {
    backend.close();
  }
}

async function walk(url: string, env: Record<string, string>): Promise<void> {
  const made = await printed<Credential>(env, 'create', 'Bank', '--id', 'bank', '--scopes', 'relay,feed');
  expect(await knock(url, made)).to.equal('ok');
  const again = await run(env, 'create', 'Bank', '--id', 'bank');
  expect(again.code).to.equal(1);
  expect(again.log).to.equal('There is a backend with this id already.\n');
  const list = await printed<{ id: string; scopes: string[] }[]>(env, 'list');
  expect(list.find(({ id }) => id === 'bank')!.scopes).to.deep.equal(['relay', 'feed']);
  expect(JSON.stringify(list)).not.to.contain(made.backend_secret);
  const next = await printed<Credential>(env, 'rotate', 'bank');
  expect(await knock(url, made)).to.equal('ok');
  expect(await knock(url, next)).to.equal('ok');
  expect(await printed(env, 'remove', 'bank')).to.deep.equal({ removed: 'bank' });
  expect(await knock(url, next)).to.equal('unauthenticated');
}

describe('the command backend', function () {
  this.timeout(90_000);

  it('works on PostgreSQL', async () => {
    const cluster = await createCluster();
    const node = await cluster.start();
    await walk(node.url, { ...cluster.env });
    await cluster.stop();
  });

  it('works through the running process of embedded mode, and without one as the owner of the folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-command-'));
    const env = { LATCHKEY_DATA_DIR: folder };
    const service = await startService({ env });
    await service.ready();
    expect(statSync(join(folder, 'control.sock')).mode & 0o777).to.equal(0o600);
    await walk(service.url, env);
    await service.stop();
    expect(existsSync(join(folder, 'control.sock'))).to.equal(false);
    expect((await printed<{ id: string }[]>(env, 'list')).map(({ id }) => id)).to.deep.equal(['development']);
    rmSync(folder, { recursive: true });
  });

  it('prints what is wrong without a stack trace', async () => {
    const cluster = await createCluster();
    for (const [words, exitCode, sentence] of [
      [['fly'], 2, "unknown command 'fly'"],
      [['create'], 2, "missing required argument 'name'"],
      [['create', 'Bank', '--scope', 'relay'], 2, 'Did you mean --scopes?'],
      [['create', 'Bank', '--scopes', 'root'], 1, 'scopes: Use relay, feed, limits, introspect, admin.'],
      [['remove', 'unknown'], 1, 'no such backend'],
    ] as const) {
      const { code, log } = await run({ ...cluster.env }, ...words);
      expect(code, log).to.equal(exitCode);
      expect(log).to.contain(sentence).and.not.to.contain('    at ');
    }
    await cluster.stop();
  });
});
