import type { UserSession } from '@latchkey/sdk-server';
import type { CallContext } from '@latchkey/sdk-server/api';
import { type TransactionClass, TransactionCoreClass, type TransactionOptions } from '@latchkey/sdk-server/transaction';
import { expect } from 'chai';
import { z } from 'zod';
import { newKey } from '../../test-kit/client/plain-client.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import type { Proofs } from './server-proofs.ts';
import { password, type Stage } from './stage.ts';

/** The class of zerv-core's README. */
class DbTransactionImplementation extends TransactionCoreClass {
  constructor(parentTransaction: TransactionCoreClass | undefined, options: TransactionOptions) {
    const noop = async () => {};
    super(
      parentTransaction,
      {
        processBegin: noop,
        processCommit: noop,
        processRollback: noop,
        processInnerBegin: noop,
        processInnerCommit: noop,
        processInnerRollback: noop,
      },
      options,
    );
  }

  executeQuery(_statement: string): Promise<string> {
    return this.use(() => Promise.resolve('SUCCESS'));
  }
}

let calls = 0;

/** Adds a call, and gives what it answers to a user who has just signed in. */
async function answerOf(
  { router, enter }: Stage,
  handler: (call: CallContext<TransactionCoreClass>) => unknown,
): Promise<{ data: unknown; userId: string; socket: Awaited<ReturnType<Stage['enter']>>['socket'] }> {
  calls += 1;
  const name = `call${calls}`;
  router.on(name, (_params, call) => handler(call));
  const { socket, userId } = await enter();
  const answer = await socket.call<{ ok: boolean; data: unknown }>('myApi', name);
  expect(answer.ok, JSON.stringify(answer)).to.equal(true);
  return { data: answer.data, userId, socket };
}

export const callProofs: Proofs = {
  'handler.userId': async (stage) => {
    const { data, userId } = await answerOf(stage, (call) => call.userId);
    expect(data).to.equal(userId);
  },
  'handler.user': async (stage) => {
    const { data, userId } = await answerOf(stage, (call) => call.user);
    expect(data).to.include({ id: userId, tenant_id: 'default' });
  },
  'handler.tenantId': async (stage) =>
    expect((await answerOf(stage, (call) => call.tenantId)).data).to.equal('default'),
  'handler.emit(event, data)': async (stage) => {
    const { socket } = await answerOf(stage, (call) => call.emit('to_me', { n: 1 }));
    expect(await socket.next('to_me')).to.deep.equal({ n: 1 });
  },
  'handler.broadcast(event, data)': async (stage) => {
    const other = await stage.enter();
    const { socket } = await answerOf(stage, (call) => {
      call.broadcast('to_others', 1);
      call.broadcast('to_all_others', 2, { allTenants: true });
    });
    expect([await other.socket.next('to_others'), await other.socket.next('to_all_others')]).to.deep.equal([1, 2]);
    await socket.none('to_others');
  },
  'handler.broadcastAll(event, data)': async (stage) => {
    const other = await stage.enter();
    const { socket } = await answerOf(stage, (call) => call.broadcastAll('to_everybody', 1));
    expect([await other.socket.next('to_everybody'), await socket.next('to_everybody')]).to.deep.equal([1, 1]);
  },
  'handler.log(text)': (stage) => answerOf(stage, (call) => call.log.warn({}, 'text')),
  'handler.getTransaction()': async (stage) => {
    stage.latchkey.TransactionImplementationClass = DbTransactionImplementation;
    const { data } = await answerOf(stage, (call) =>
      call
        .getTransaction()
        .execute((transaction) => (transaction as DbTransactionImplementation).executeQuery('insert')),
    );
    expect(data).to.equal('SUCCESS');
  },
  'handler.transaction': async (stage) => {
    const { data } = await answerOf(stage, (call) => {
      const first = call.getTransaction();
      return call.getTransaction() === first;
    });
    expect(data).to.equal(true);
  },
  transactional: async ({ router, enter }) => {
    router.on('transactional', { input: z.any(), transactional: true }, (_params, call) => call.getTransaction().depth);
    const { socket } = await enter();
    expect(await socket.call('myApi', 'transactional')).to.deep.equal({ ok: true, data: 0 });
  },
};

const mine = ({ latchkey }: Stage, userId: string) =>
  latchkey.getLocalUserSessions().find((session) => session.userId === userId)!;

export const sessionProofs: Proofs = {
  'isLocalUserSession(userSession)': async (stage) => {
    const { userId } = await stage.enter();
    expect(stage.latchkey.isLocalUserSession(mine(stage, userId))).to.equal(true);
  },
  'countLocalSessionsByUserId(userId)': async ({ latchkey, enter }) => {
    const { userId } = await enter();
    expect([latchkey.countLocalSessionsByUserId(userId), latchkey.countLocalSessionsByUserId('x')]).to.deep.equal([
      1, 0,
    ]);
  },
  'isUserSessionServerOrigin(userSession)': async (stage) => {
    const { userId } = await stage.enter();
    expect(stage.latchkey.isUserSessionServerOrigin(mine(stage, userId))).to.equal(true);
  },
  'getLocalUserSessions()': async (stage) => {
    const { userId, payload } = await stage.enter();
    expect(mine(stage, userId)).to.include({
      id: payload.session.id,
      tenantId: 'default',
      active: true,
      connections: 1,
    });
  },
  'onLocalUserSessionDestroy(callback)': async ({ latchkey, enter }) => {
    const destroyed: string[] = [];
    const remove = latchkey.onLocalUserSessionDestroy((session) => destroyed.push(session.userId));
    const { socket, userId } = await enter();
    await socket.call('logout', {});
    await waitFor(() => destroyed.includes(userId));
    remove();
  },
  'setTenantMaximumActiveSessionTimeout(tenantId, minutes)': async ({ latchkey }) => {
    await latchkey.setTenantMaximumActiveSessionTimeout('default', 600);
    expect(await latchkey.getTenantMaximumActiveSessionTimeoutInMins('default')).to.equal(600);
    await latchkey.setTenantMaximumActiveSessionTimeout('default', null);
  },
  'getTenantMaximumActiveSessionTimeoutInMins(tenantId)': async ({ latchkey }) =>
    expect(await latchkey.getTenantMaximumActiveSessionTimeoutInMins('default')).to.equal(720),
  'setTenantMaximumInactiveSessionTimeout(tenantId, minutes)': async ({ latchkey }) => {
    await latchkey.setTenantMaximumInactiveSessionTimeout('default', 500);
    expect(await latchkey.getTenantMaximumInactiveSessionTimeoutInMins('default')).to.equal(500);
    await latchkey.setTenantMaximumInactiveSessionTimeout('default', null);
  },
  'getTenantMaximumInactiveSessionTimeoutInMins(tenantId)': async ({ latchkey }) =>
    expect(await latchkey.getTenantMaximumInactiveSessionTimeoutInMins('default')).to.equal(null),
  "onChanges('USER_SESSION', listener)": async ({ latchkey, enter }) => {
    const heard: [string, UserSession, string][] = [];
    const remove = latchkey.onChanges('USER_SESSION', (...news) => void heard.push(news));
    const { userId } = await enter();
    const isMine = ([tenantId, session, type]: [string, UserSession, string]) =>
      tenantId === 'default' &&
      session.userId === userId &&
      type === 'creation' &&
      session.zervServerId === latchkey.serverId;
    await waitFor(() => heard.some(isMine));
    remove();
  },
};

export const stopProofs: Proofs = {
  'isServerShutDownInProgress()': ({ latchkey }) => expect(latchkey.isServerShutDownInProgress()).to.equal(false),
  'registerNewActivity(name)': ({ latchkey }) => {
    const done = latchkey.registerActivity('nightly');
    expect(latchkey.activitiesInProgress()).to.include({ nightly: 1 });
    done();
  },
  'getActivitiesInProcess()': ({ latchkey }) => expect(latchkey.activitiesInProgress()).not.to.have.property('nightly'),
  'stopLocalServer(delay)': async ({ latchkey, enter }) => {
    const { socket } = await enter();
    const stopped = latchkey.shutdown(1, { exit: false });
    await socket.next('server_drain');
    expect((await stopped).unfinished).to.deep.equal({});
  },
  // The exit itself ends a process: test/one-process.drill.ts, sdk-server/test/shutdown/shutdown.test.ts.
  'shutdown(delay)': async ({ latchkey }) => {
    expect(latchkey.isServerShutDownInProgress()).to.equal(true);
    expect(latchkey.shutdown(1, { exit: false })).to.equal(latchkey.shutdown(2, { exit: false }));
  },
};

/** Defines a transaction of the README's class. */
function transactionOf({ latchkey }: Stage): TransactionCoreClass {
  latchkey.TransactionImplementationClass = DbTransactionImplementation;
  return latchkey.defineTransaction('NEW');
}

type Notice = 'notifyCreation' | 'notifyUpdate' | 'notifyDelete';

const notices = (notice: Notice, type: string) => async (stage: Stage) => {
  const told: unknown[] = [];
  const name = `BANK_TRANS of ${notice}`;
  stage.latchkey.onChanges(name, (...news) => told.push(news));
  await transactionOf(stage).execute((transaction) => {
    transaction[notice]('acme', name, { id: 1 });
    expect(told).to.deep.equal([]);
  });
  expect(told).to.deep.equal([['acme', { id: 1 }, type]]);
};

export const transactionProofs: Proofs = {
  TransactionCoreClass: (stage) => expect(transactionOf(stage)).to.be.instanceOf(TransactionCoreClass),
  'getCoreTransactionClass()': async (stage) =>
    expect(
      await (transactionOf(stage) as DbTransactionImplementation).execute((own) => own.executeQuery('x')),
    ).to.equal('SUCCESS'),
  TransactionImplementationClass: ({ latchkey }) => {
    latchkey.TransactionImplementationClass = DbTransactionImplementation;
    expect(latchkey.TransactionImplementationClass).to.equal(DbTransactionImplementation);
  },
  'setTransactionImplementationClass(Class)': ({ latchkey }) => {
    const Chosen: TransactionClass<TransactionCoreClass> = class extends DbTransactionImplementation {};
    latchkey.TransactionImplementationClass = Chosen;
    expect(latchkey.defineTransaction('NEW')).to.be.instanceOf(Chosen);
  },
  'defineTransaction(requirement, parent, options)': (stage) =>
    transactionOf(stage).execute(async (parent) => {
      let isCommitted = false;
      const onCommit = () => {
        isCommitted = true;
      };
      const inner = stage.latchkey.defineTransaction('USE', parent, { onCommit });
      expect(await inner.execute(({ depth }) => depth)).to.equal(1);
      expect(isCommitted).to.equal(false);
    }),
  'startTransaction(options)': async (stage) => {
    const ends: string[] = [];
    transactionOf(stage);
    await stage.latchkey.defineTransaction('NEW', { onCommit: () => ends.push('commit') }).execute(() => null);
    expect(ends).to.deep.equal(['commit']);
  },
  'reUseOrCreateTransaction(parent, options)': (stage) => {
    const parent = transactionOf(stage);
    expect(stage.latchkey.defineTransaction('REUSE_OR_NEW', parent).parent).to.equal(parent);
    expect(stage.latchkey.defineTransaction('REUSE_OR_NEW').parent).to.equal(undefined);
  },
  'transaction.execute(work)': async (stage) =>
    expect(await transactionOf(stage).execute(() => 'done')).to.equal('done'),
  'transaction.startInner(options)': async (stage) =>
    expect(await transactionOf(stage).execute((outer) => outer.startInner().execute(({ depth }) => depth))).to.equal(1),
  'transaction.rollback()': async (stage) => {
    const refused = await transactionOf(stage)
      .execute((transaction) => transaction.rollback())
      .catch((error: unknown) => error);
    expect(refused).to.include({ code: 'rolled_back' });
  },
  'transaction.notifyCreation(tenantId, name, thing)': notices('notifyCreation', 'creation'),
  'transaction.notifyUpdate(tenantId, name, thing)': notices('notifyUpdate', 'update'),
  'transaction.notifyDelete(tenantId, name, thing)': notices('notifyDelete', 'deletion'),
};

const post = (stage: Stage, path: string, email: string) =>
  stage.client.request<{ code: string }>('POST', path, { email, password });

export const clientProofs: Proofs = {
  'POST /login': async (stage) => {
    const email = stage.newEmail();
    await post(stage, '/register', email);
    expect((await post(stage, '/login', email)).status).to.equal(200);
    expect((await stage.enterAgain(email)).payload.user.display).to.equal(`user ${email}`);
  },
  'POST /register': async (stage) => expect((await post(stage, '/register', stage.newEmail())).status).to.equal(201),
  'POST /registration': async (stage) =>
    expect((await post(stage, '/registration', stage.newEmail())).status).to.equal(201),
  "emit('authenticate', { token })": async (stage) => {
    const { body } = await post(stage, '/register', stage.newEmail());
    const first = await stage.client.connect();
    const opened = await first.authenticate({ token: body.code });
    expect(opened.event).to.equal('authenticated');
    const again = await stage.client.connect();
    const { token } = opened.payload as { token: string };
    expect((await again.authenticate({ token, rotation_key: newKey() })).event).to.equal('authenticated');
  },
  "on('authenticated')": async ({ enter }) =>
    expect((await enter()).payload).to.include.keys('token', 'access_token', 'user', 'session'),
  "on('unauthorized')": async ({ client }) => {
    const { payload } = await (await client.connect()).authenticate({ token: 'x.y.z' });
    expect(payload).to.include.keys('code', 'message', 'retryable');
  },
  "emit('logout', token)": async ({ enter }) => {
    const { socket, payload } = await enter();
    socket.raw.emit('logout', payload.token);
    expect(await socket.closed()).to.equal('io server disconnect');
  },
  "on('logged_out')": async ({ enter }) => {
    const { socket, payload } = await enter();
    socket.raw.emit('logout', payload.token);
    expect(await socket.next('logged_out')).to.deep.equal({ reason: 'logout' });
  },
  "emit('activity')": async ({ enter }) =>
    expect(await (await enter()).socket.call('activity', {})).to.include({ ok: true }),
  "emit('myApi', call, params, callback)": async ({ enter }) => {
    const answer = await (await enter()).socket.call('myApi', 'nothing', {});
    expect(answer).to.have.nested.property('error.code', 'unknown_call');
  },
};
