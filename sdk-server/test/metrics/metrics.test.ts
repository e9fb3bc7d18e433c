import { createServer } from 'node:http';
import { causes } from '@latchkey/core';
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { io as connect } from 'socket.io-client';
import { codeOf } from '../../../test-kit/codes.ts';
import { freePort } from '../../../test-kit/free-port.ts';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { parseMetrics } from '../../../test-kit/node/read-metrics.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createLatchkey, type Latchkey } from '../../src/index.ts';
import { backendMetricTable } from '../../src/metrics/metric-table.ts';
import { createTestLatchkey, type TestLatchkey } from '../../src/testing/index.ts';

const log = { warn() {}, error() {} };

async function registerOf(latchkey: Latchkey): Promise<Registry> {
  const register = new Registry();
  await latchkey.metrics(register);
  return register;
}

const read = async (register: Registry) => parseMetrics(await register.metrics());

describe('latchkey.metrics', () => {
  let test: TestLatchkey;
  let closers: (() => unknown)[];

  beforeEach(() => {
    test = createTestLatchkey({ log });
    closers = [() => test.latchkey.close()];
  });
  afterEach(async () => {
    for (const close of closers.reverse()) await close();
  });

  it('registers each metric of the table', async () => {
    const { names } = await read(await registerOf(test.latchkey));
    expect(names).to.have.members(Object.keys(backendMetricTable));
  });

  it('counts checked access tokens by result, also those before it was called', async () => {
    const { accessToken, sessionId } = test.openSession();
    await test.latchkey.verify(accessToken());
    await test.latchkey.verify(accessToken());
    test.endSession(sessionId);
    await codeOf(test.latchkey.verify(accessToken()));
    const { value } = await read(await registerOf(test.latchkey));
    expect(value('latchkey_backend_verifications_total', { result: 'ok' })).to.equal(2);
    expect(value('latchkey_backend_verifications_total', { result: 'unauthenticated' })).to.equal(1);
  });

  it('has each series of a counter with 0 before its first event', async () => {
    const { value } = await read(await registerOf(test.latchkey));
    const labelled = Object.entries(backendMetricTable).filter(([, row]) => row.type === 'counter' && 'labels' in row);
    // The names of events and codes are too many.
    const counted = labelled.map(([name]) => name).filter((name) => name !== 'latchkey_backend_refusals_total');
    expect(counted).to.deep.equal(['latchkey_backend_verifications_total', 'latchkey_backend_causes_total']);
    for (const result of ['ok', 'unauthenticated', 'unavailable', 'revocations_not_ready', 'internal_error'])
      expect(value('latchkey_backend_verifications_total', { result }), result).to.equal(0);
    for (const cause of Object.keys(causes))
      expect(value('latchkey_backend_causes_total', { cause }), cause).to.equal(0);
  });

  it('counts sockets, their refusals, and calls by name and result', async () => {
    const server = createServer();
    const io = test.latchkey.socketServe(server, { origins: [] });
    const fail = () => {
      throw new Error('a mistake of the app');
    };
    test.latchkey
      .apiRouter(io, 'bank')
      .on('whoami', (_params, call) => call.user)
      .on('broken', fail);
    await listen(server);
    const register = await registerOf(test.latchkey);
    const url = `http://127.0.0.1:${portOf(server)}`;
    const socket = connect(url, { transports: ['websocket'], reconnection: false, forceNew: true });
    closers.push(
      () => server.close(),
      () => io.close(),
      () => socket.close(),
    );
    socket.emit('authenticate', { token: test.openSession().token });
    await new Promise((resolve) => socket.once('authenticated', resolve));
    for (const call of ['whoami', 'whoami', 'broken', 'no such call']) await socket.emitWithAck('bank', call, {});
    await socket.emitWithAck('no such event', {});
    const { value } = await read(register);
    const calls = (call: string, result: string) =>
      value('latchkey_backend_call_duration_seconds_count', { api: 'bank', call, result });
    expect(calls('whoami', 'ok')).to.equal(2);
    expect(calls('broken', 'internal_error')).to.equal(1);
    expect(calls('unknown', 'unknown_call')).to.equal(1);
    expect(value('latchkey_backend_refusals_total', { event: 'app', code: 'unknown_call' })).to.equal(1);
    expect(value('latchkey_backend_causes_total', { cause: 'event_unhandled' })).to.equal(1);
    expect(value('latchkey_backend_sockets', { kind: 'browser' })).to.equal(1);
    expect(value('latchkey_backend_sockets', { kind: 'unauthenticated' })).to.equal(0);
    socket.close();
    await waitFor(async () => (await read(register)).value('latchkey_backend_sockets', { kind: 'browser' }) === 0);
  });

  it('shows a backend that starts without the service: not connected, not ready, and refusing tokens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const latchkey = createLatchkey({ url, backendId: 'app', backendSecret: 'a secret', log });
    closers.push(() => latchkey.close());
    await codeOf(latchkey.verify(test.openSession().accessToken()));
    const register = await registerOf(latchkey);
    await waitFor(
      async () => (await read(register)).value('latchkey_backend_causes_total', { cause: 'service_unreachable' })! > 0,
    );
    const { value } = await read(register);
    expect(value('latchkey_backend_connected')).to.equal(0);
    expect(value('latchkey_backend_ready')).to.equal(0);
    expect(value('latchkey_backend_revocation_age_seconds')).to.equal(undefined);
    expect(value('latchkey_backend_verifications_total', { result: 'revocations_not_ready' })).to.equal(1);
  });

  it('refuses what is no registry, and a registry that has these metrics', async () => {
    const refused = (register: unknown) =>
      test.latchkey.metrics(register as Registry).then(
        () => undefined,
        (error: Error) => error.message,
      );
    expect(await refused({})).to.equal('metrics: register has to be a Registry of prom-client');
    expect(await refused(undefined)).to.equal('metrics: register has to be a Registry of prom-client');
    expect(await refused(await registerOf(test.latchkey))).to.match(
      /latchkey_backend_connected has already been registered/,
    );
  });
});
