import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import { CommandFailure } from '../../src/cli/command-context.ts';
import { callControlSocket, createControlSocket } from '../../src/cli/control-socket.ts';
import { DataDirUnusableError } from '../../src/db/data-dir-error.ts';

describe('createControlSocket', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'control-'));
    path = join(folder, 'control.sock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const [title, error, code, reported] of [
    ['logs the error of a command that failed', new Error('disk is full'), 'internal_error', ['disk is full']],
    ['logs no refusal of a command', fail('not_found'), 'not_found', []],
  ] as const) {
    it(title, async () => {
      const errors: unknown[] = [];
      const run = () => Promise.reject(error);
      const socket = createControlSocket({ path, run, onError: (seen) => void errors.push((seen as Error).message) });
      await socket.start!();
      const answer = await callControlSocket(path, 'rotateKeys');
      await socket.stop!();
      expect(answer).to.deep.include({ ok: false }).and.have.nested.property('error.code', code);
      expect(errors).to.deep.equal(reported);
    });
  }

  for (const [title, error, message] of [
    [
      'a full disk',
      new DataDirUnusableError('The data folder x cannot be used, because its disk has no free space (ENOSPC).'),
      'The data folder x cannot be used, because its disk has no free space (ENOSPC).',
    ],
    [
      'an error of the database',
      Object.assign(new Error('could not open the connection postgres://ann:hidden@db/x'), { code: 'ECONNREFUSED' }),
      'The service is unavailable. Try again soon. (could not open the connection postgres://ann:[redacted]@db/x)',
    ],
  ] as const)
    it(`answers why the service is unavailable: ${title}`, async () => {
      const socket = createControlSocket({ path, run: () => Promise.reject(error), onError: () => {} });
      await socket.start!();
      const answer = await callControlSocket(path, 'listUsers');
      await socket.stop!();
      expect(answer).to.deep.equal({ ok: false, error: { code: 'unavailable', message } });
    });

  it('takes a piece of an import whose numbers are longer than in the file', async () => {
    const rows = JSON.parse(`[${'1e20,'.repeat(70_000)}1]`) as number[];
    const run = async (_name: string, input: unknown) => (input as number[]).length;
    const socket = createControlSocket({ path, run, onError: () => {} });
    await socket.start!();
    expect(await callControlSocket(path, 'importChunk', rows)).to.deep.equal({ ok: true, data: rows.length });
    await socket.stop!();
  });

  it('keeps running when clients end before their answer is written', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const socket = createControlSocket({ path, run: () => held, onError: () => {} });
    await socket.start!();
    for (let n = 0; n < 20; n += 1) {
      const client = connect(path);
      await new Promise<void>((resolve) => client.write('["ping"]\n', () => resolve()));
      client.destroy();
      await once(client, 'close');
    }
    release();
    expect(await callControlSocket(path, 'ping')).to.deep.equal({ ok: true });
    await socket.stop!();
  });

  it('fails when the process does not answer in time', async () => {
    const socket = createControlSocket({ path, run: () => new Promise(() => {}), onError: () => {} });
    await socket.start!();
    const failure = await callControlSocket(path, 'ping', undefined, 50).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(CommandFailure);
    expect(String(failure)).to.contain(`The process that owns the data folder does not answer (${path})`);
    await socket.stop!();
  });

  for (const answer of ['null', '{}', '{"ok":false}', '{"ok":false,"error":{"code":"x","message":""}}', 'no JSON'])
    it(`fails when what listens answers ${answer}`, async () => {
      const server = createServer((socket) => socket.end(`${answer}\n`));
      await new Promise<void>((resolve) => server.listen(path, resolve));
      const failure = await callControlSocket(path, 'listUsers').catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(CommandFailure);
      server.close();
    });

  it('has no answer of a process that ends while it writes one', async () => {
    const server = createServer((socket) => socket.end('{"ok":true,"data":['));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(await callControlSocket(path, 'listUsers')).to.equal(undefined);
    server.close();
  });

  for (const line of ['{}', 'null', '', 'no JSON', '{"argv":["user","list"]}'])
    it(`runs no call for the line "${line}", and logs nothing`, async () => {
      const names: string[] = [];
      const errors: unknown[] = [];
      const run = async (name: string) => {
        names.push(name);
        throw fail('invalid_request');
      };
      const socket = createControlSocket({ path, run, onError: (error) => void errors.push(error) });
      await socket.start!();
      const client = connect(path);
      client.end(`${line}\n`);
      expect(JSON.parse(await text(client)).error.code).to.equal('invalid_request');
      await socket.stop!();
      expect(names).to.deep.equal(['']);
      expect(errors).to.deep.equal([]);
    });
});
