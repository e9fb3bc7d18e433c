import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import { z } from 'zod';
import { grantOf } from '../../../core/test/socket/scripted-authority.ts';
import { codeOfAck } from '../../../test-kit/codes.ts';
import { type CallContext, createApiRouter } from '../../src/api/index.ts';
import { type ApiStage, createApiStage, openPromise } from './api-stage.ts';

describe('createApiRouter', () => {
  let it_: ApiStage;
  beforeEach(async () => {
    it_ = await createApiStage();
  });
  afterEach(() => it_.end());

  const memberOf = async (sid: string, tenantId: string, userId = 'user-1') => {
    it_.stage.authority.script.exchange = () => grantOf(sid, { tenantId, userId });
    return it_.stage.member(sid);
  };

  it('passes the parsed input to the handler, and answers with its result', async () => {
    const input = z.object({ page: z.coerce.number() });
    it_.api.on('list', { input }, ({ page }) => ({ next: page + 1 }));
    const client = await it_.stage.member('s1');
    expect(await client.ask('api', 'list', { page: '2' })).to.deep.equal({ ok: true, data: { next: 3 } });
  });

  it('accepts a handler with two arguments, where `this` and the second argument are the call', async () => {
    const seen: CallContext[] = [];
    it_.api.on('whoami', function (_params, call) {
      seen.push(this, call);
    });
    const client = await it_.stage.member('s1');
    expect(await client.ask('api', 'whoami')).to.deep.equal({ ok: true, data: null });
    expect(seen[0]).to.equal(seen[1]);
    const { name, userId, tenantId, user, session, idempotencyKey, transaction } = seen[0]!;
    expect({ name, userId, tenantId, idempotencyKey, transaction }).to.deep.equal({
      name: 'whoami',
      userId: 'user-1',
      tenantId: 'tenant-1',
      idempotencyKey: undefined,
      transaction: undefined,
    });
    expect(user).to.deep.equal({ role: 'teller', id: 'user-1', tenant_id: 'tenant-1' });
    expect(session).to.include({ id: 's1', active: true });
  });

  it('answers invalid_request with the paths of invalid fields', async () => {
    it_.api.on('list', { input: z.object({ where: z.object({ page: z.int() }) }) }, () => 1);
    const client = await it_.stage.member('s1');
    const answer = (await client.ask('api', 'list', { where: { page: 'x' } })) as { error: { details: unknown[] } };
    expect(codeOfAck(answer)).to.equal('invalid_request');
    expect(answer.error.details).to.have.length(1);
    expect(answer.error.details[0]).to.include({ path: 'where.page' });
  });

  it('accepts a custom asynchronous validator', async () => {
    const validate = async (value: unknown) =>
      value === 'good' ? { value: 7 } : { issues: [{ message: 'bad', path: [{ key: 'x' }, 0] }] };
    it_.api.on('n', { input: { '~standard': { version: 1, vendor: 'test', validate } } }, (n: number) => n * 2);
    const client = await it_.stage.member('s1');
    expect(await client.ask('api', 'n', 'good')).to.deep.equal({ ok: true, data: 14 });
    expect(await client.ask('api', 'n', 'no')).to.have.nested.property('error.details[0].path', 'x.0');
  });

  it('refuses calls before authentication, also in the packet behind authenticate', async () => {
    let ran = 0;
    it_.api.on('list', () => {
      ran += 1;
    });
    const client = await it_.stage.client();
    client.emit('authenticate', { token: 'sid:s1' });
    expect(codeOfAck(await client.ask('api', 'list'))).to.equal('unauthenticated');
    expect(ran).to.equal(0);
  });

  it('answers unknown_call for any name that is not defined', async () => {
    const client = await it_.stage.member('s1');
    for (const name of ['no', '__proto__', 'constructor', 'toString', '', 7, null, {}, ['list']]) {
      expect(codeOfAck(await client.ask('api', name, {})), String(name)).to.equal('unknown_call');
    }
    expect(codeOfAck(await client.ask('api'))).to.equal('unknown_call');
  });

  it('continues after calls without an acknowledgement and after unexpected arguments', async () => {
    let ran = 0;
    it_.api.on('count', () => {
      ran += 1;
    });
    it_.api.on('fails', () => {
      throw new Error('boom');
    });
    it_.api.on('strict', { input: z.object({ a: z.string() }) }, () => 1);
    it_.api.on('echo', (params: unknown) => params);
    const client = await it_.stage.member('s1');
    client.emit('api', 'count');
    client.emit('api', 'fails');
    client.emit('api', 'x');
    client.emit('api');
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    // Below the client's encoder, which gives up before that.
    for (const call of ['strict', 'echo']) client.socket.io.engine.write(`29${call.length}["api","${call}",${deep}]`);
    expect(await client.ask('api', 'count')).to.include({ ok: true });
    expect(ran).to.equal(2);
  });

  it('answers a Failure as it is, and an unexpected error with internal_error and an id only', async () => {
    it_.api.on('poor', () => {
      throw fail('forbidden', { message: 'Not enough money.', detail: 'balance 3' });
    });
    it_.api.on('broken', async () => {
      throw new Error('relation accounts is missing');
    });
    const client = await it_.stage.member('s1');
    expect(await client.ask('api', 'poor')).to.deep.equal({
      ok: false,
      error: { code: 'forbidden', message: 'Not enough money.', retryable: false },
    });
    const answer = (await client.ask('api', 'broken')) as { error: { code: string; request_id: string } };
    expect(Object.keys(answer.error)).to.have.members(['code', 'message', 'retryable', 'request_id']);
    expect(answer.error.code).to.equal('internal_error');
    expect(JSON.stringify(answer)).to.not.include('accounts');
    expect(JSON.stringify(it_.logged)).to.include(answer.error.request_id).and.include('accounts is missing');
  });

  it('answers internal_error also when the error has no message', async () => {
    class Bare extends Error {
      override message = undefined as never;
      override stack = 7 as never;
    }
    it_.api.on('bare', () => {
      throw new Bare();
    });
    const client = await it_.stage.member('s1');
    expect(codeOfAck(await client.ask('api', 'bare'))).to.equal('internal_error');
  });

  it('answers internal_error when the result does not match its schema or cannot be serialized', async () => {
    const n = z.number() as unknown as z.ZodType<string>;
    it_.api.on('wrong', { input: z.any(), output: n }, () => 'text');
    it_.api.on('bigint', (): unknown => 1n);
    it_.api.on('circle', () => {
      const circle: Record<string, unknown> = {};
      circle.self = circle;
      return circle;
    });
    const client = await it_.stage.member('s1');
    for (const call of ['wrong', 'bigint', 'circle']) {
      expect(codeOfAck(await client.ask('api', call)), call).to.equal('internal_error');
    }
  });

  it('answers internal_error when the details of a failure cannot be serialized, and logs why', async () => {
    it_.api.on('least', () => {
      throw fail('invalid_request', { details: [{ path: 'amount', message: 1n as unknown as string }] });
    });
    const client = await it_.stage.member('s1');
    expect(codeOfAck(await client.ask('api', 'least'))).to.equal('internal_error');
    expect(JSON.stringify(it_.logged)).to.include('BigInt');
  });

  it('calls `require` before the handler, and refuses with its failure', async () => {
    let ran = 0;
    const require = (call: CallContext) => call.user.role === 'admin';
    it_.api.on('close', { input: z.any(), require }, () => {
      ran += 1;
    });
    const stepUp = () => {
      throw fail('reauthentication_required');
    };
    it_.api.on('pay', { input: z.any(), require: stepUp }, () => 1);
    const client = await it_.stage.member('s1');
    expect(codeOfAck(await client.ask('api', 'close'))).to.equal('forbidden');
    expect(codeOfAck(await client.ask('api', 'pay'))).to.equal('reauthentication_required');
    expect(ran).to.equal(0);
  });

  it('reports activity once a minute, but not for passive calls', async () => {
    it_.api.on('poll', { input: z.any(), passive: true }, () => 1).on('act', () => 1);
    const client = await it_.stage.member('s1');
    const activities = () => it_.stage.authority.of('activity');
    await client.ask('api', 'poll');
    expect(activities()).to.deep.equal([]);
    await client.ask('api', 'act');
    await client.ask('api', 'act');
    expect(activities()).to.deep.equal(['s1']);
    it_.clock.advance(60_000);
    await client.ask('api', 'act');
    expect(activities()).to.deep.equal(['s1', 's1']);
  });

  it('runs a transactional call in a transaction, commits when it resolves and rolls back when it throws', async () => {
    const options = { input: z.object({ fails: z.boolean() }), transactional: true };
    it_.api.on('transfer', options, function ({ fails }) {
      this.getTransaction().write('moved');
      if (fails) throw fail('forbidden');
      return this.transaction === this.getTransaction();
    });
    const client = await it_.stage.member('s1');
    expect(codeOfAck(await client.ask('api', 'transfer', { fails: true }))).to.equal('forbidden');
    expect(it_.ledger.written).to.deep.equal([]);
    expect(await client.ask('api', 'transfer', { fails: false })).to.deep.equal({ ok: true, data: true });
    expect(it_.ledger.written).to.deep.equal(['moved']);
  });

  it('rolls back when the result does not match its schema', async () => {
    const output = z.number() as unknown as z.ZodType<string>;
    it_.api.on('transfer', { input: z.any(), output, transactional: true }, (_params, call) => {
      call.transaction!.write('moved');
      return 'x';
    });
    const client = await it_.stage.member('s1');
    expect(codeOfAck(await client.ask('api', 'transfer'))).to.equal('internal_error');
    expect(it_.ledger.written).to.deep.equal([]);
  });

  it('rolls back when the result cannot be serialized', async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const answers: Record<string, unknown> = { bigint: { id: 7n }, circle };
    it_.api.on('transfer', { input: z.string(), transactional: true }, (kind, call) => {
      call.transaction!.write('moved');
      return answers[kind];
    });
    const client = await it_.stage.member('s1');
    for (const kind of Object.keys(answers)) {
      expect(codeOfAck(await client.ask('api', 'transfer', kind)), kind).to.equal('internal_error');
    }
    expect(it_.ledger.written).to.deep.equal([]);
  });

  it('commits a call without an acknowledgement, whatever its result', async () => {
    it_.api.on('transfer', { input: z.any(), transactional: true }, (_params, call) => {
      call.transaction!.write('moved');
      return 7n as unknown;
    });
    const client = await it_.stage.member('s1');
    client.emit('api', 'transfer');
    await it_.stage.settle();
    expect(it_.ledger.written).to.deep.equal(['moved']);
  });

  it('answers payload_too_large and rolls back when the result is above maxResponseBytes, and logs the option', async () => {
    await it_.end();
    it_ = await createApiStage({ maxResponseBytes: 1_000 });
    it_.api.on('page', { input: z.number(), transactional: true }, (length, call) => {
      call.transaction!.write(`${length}`);
      return 'é'.repeat(length);
    });
    const client = await it_.stage.member('s1');
    const { error } = (await client.ask('api', 'page', 600)) as { error: object };
    expect(error).to.include({ code: 'payload_too_large', message: 'The answer is too large to be sent.' });
    expect(error).to.include({ retryable: false });
    expect(await client.ask('api', 'page', 400)).to.include({ ok: true });
    expect(it_.ledger.written).to.deep.equal(['400']);
    expect(JSON.stringify(it_.logged)).to.include('maxResponseBytes is 1000');
  });

  it('refuses calls above the limit of a socket, and accepts others after an answer', async () => {
    const gate = openPromise();
    it_.api.on('slow', () => gate.promise);
    const [client, other] = [await it_.stage.member('s1'), await it_.stage.member('s2')];
    const running = Array.from({ length: 32 }, () => client.ask('api', 'slow'));
    await it_.stage.settle();
    const refused = await client.ask('api', 'slow');
    expect(refused).to.have.nested.property('error.retry_after_ms', 1_000);
    expect(codeOfAck(refused)).to.equal('rate_limited');
    const others = other.ask('api', 'slow');
    gate.resolve();
    for (const answer of await Promise.all([...running, others])) expect(answer).to.include({ ok: true });
    expect(await client.ask('api', 'slow')).to.include({ ok: true });
  });

  it('aborts the signal when the socket disconnects, also a signal that is read later', async () => {
    const calls: CallContext[] = [];
    const gate = openPromise();
    it_.api.on('slow', (_params, call) => {
      calls.push(call);
      return gate.promise;
    });
    const client = await it_.stage.member('s1');
    client.emit('api', 'slow');
    client.emit('api', 'slow');
    await it_.stage.settle();
    const { signal } = calls[0]!;
    expect(signal.aborted).to.equal(false);
    client.socket.close();
    await it_.stage.settle(100);
    expect([signal.aborted, calls[1]!.signal.aborted]).to.deep.equal([true, true]);
    gate.resolve();
  });

  it('emits to the caller, to its tenant with or without the caller, and to all tenants only on request', async () => {
    it_.api.on('tell', (_params, call) => {
      call.emit('to_me', 1);
      call.broadcast('to_others', 2);
      call.broadcastAll('to_tenant', 3);
      call.broadcastAll('to_all', 4, { allTenants: true });
    });
    const caller = await memberOf('s1', 'a');
    const sibling = await memberOf('s2', 'a', 'user-2');
    const foreign = await memberOf('s3', 'b', 'user-3');
    const stranger = await it_.stage.client();
    await caller.ask('api', 'tell');
    await it_.stage.settle();
    const told = [caller, sibling, foreign, stranger].map(({ seen }) =>
      seen.filter(({ event }) => event.startsWith('to_')).map(({ event, payload }) => `${event} ${payload}`),
    );
    expect(told).to.deep.equal([
      ['to_me 1', 'to_tenant 3', 'to_all 4'],
      ['to_others 2', 'to_tenant 3', 'to_all 4'],
      ['to_all 4'],
      [],
    ]);
  });

  it('refuses to emit events of the protocol', async () => {
    it_.api.on('fake', (_params, call) => call.broadcastAll('logged_out', { reason: 'logout' }));
    const client = await it_.stage.member('s1');
    expect(codeOfAck(await client.ask('api', 'fake'))).to.equal('internal_error');
    expect(client.has('logged_out')).to.equal(false);
  });

  it('logs with the name of the call, the session and the user', async () => {
    it_.api.on('warns', (_params, call) => call.log.warn({ account: 7 }, 'low balance'));
    const client = await it_.stage.member('s1');
    await client.ask('api', 'warns');
    expect(it_.logged).to.deep.equal([
      { account: 7, api: 'api', call: 'warns', sid: 's1', user_id: 'user-1', tenant_id: 'tenant-1' },
    ]);
  });

  it('checks the age of the revocation list before each call, by the policy of the call', async () => {
    await it_.end();
    it_ = await createApiStage({
      checkSession(policy = 'allow') {
        if (policy === 'deny') throw fail('revocations_stale');
      },
    });
    let ran = 0;
    const input = z.undefined();
    const run = () => (ran += 1);
    it_.api.on('calm', { input }, run).on('strict', { input, policy: 'deny' }, run);
    const client = await it_.stage.member('s1');
    expect(await client.ask('api', 'calm')).to.deep.equal({ ok: true, data: 1 });
    expect(codeOfAck(await client.ask('api', 'strict'))).to.equal('revocations_stale');
    expect(ran).to.equal(1);
    expect(() => it_.api.on('odd', { input, policy: 'perhaps' as never }, run)).to.throw(TypeError, '"odd"');
  });

  it('answers every call in flight at a stop, refuses new ones, then drains', async () => {
    const gate = openPromise();
    it_.api.on('slow', () => gate.promise);
    const client = await it_.stage.member('s1');
    const running = client.ask('api', 'slow');
    await it_.stage.settle();
    expect(it_.shutdown.activitiesInProgress()).to.deep.equal({ 'api slow': 1 });
    const done = it_.shutdown.shutdown(10);
    expect(await client.ask('api', 'slow')).to.have.nested.property('error.code', 'server_draining');
    gate.resolve();
    expect(await running).to.deep.equal({ ok: true, data: null });
    expect(await done).to.deep.equal({ unfinished: {}, sockets: { notified: 1, terminated: 0 } });
    await client.take('server_drain');
    expect(await client.take('disconnect')).to.equal('transport close');
  });

  it('throws for reserved names, duplicate calls, and transactional calls without transactions', async () => {
    it_.api.on('list', () => 1);
    expect(() => it_.api.on('list', () => 1)).to.throw(TypeError, 'exists already');
    expect(() => it_.api.on('', () => 1)).to.throw(TypeError);
    const { io, authority, clock } = it_.stage;
    const sessions = { find: () => undefined };
    const create = (name: string, change: object = {}) =>
      createApiRouter(io, name, { clock, authority, sessions, ...change });
    expect(() => create('logout')).to.throw(TypeError, 'in use');
    expect(() => create('disconnect')).to.throw(TypeError, 'in use');
    expect(() => create('other', { maxConcurrentCalls: 0 })).to.throw(TypeError, 'maxConcurrentCalls');
    const bare = create('bare');
    expect(() => bare.on('pay', { input: z.any(), transactional: true }, () => 1)).to.throw(TypeError, 'transactions');
    bare.close();
    expect(() => create('other', { maxResponseBytes: 0 })).to.throw(TypeError, 'maxResponseBytes');
  });

  it('refuses a second router of one name on one server until the first one is closed', async () => {
    const { io, authority, clock } = it_.stage;
    const sessions = { find: () => undefined };
    const create = () => createApiRouter(io, 'api', { clock, authority, sessions });
    expect(create).to.throw(TypeError, 'has an api router named "api" already');
    it_.api.on('list', () => 1);
    const client = await it_.stage.member('s1');
    expect(await client.ask('api', 'list')).to.deep.equal({ ok: true, data: 1 });
    it_.api.close();
    create().close();
  });
});
