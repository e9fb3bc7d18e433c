import { createServer, type Server as HttpServer } from 'node:http';
import type { UserSessionChange, UserSessionState } from '@latchkey/contract';
import { expect } from 'chai';
import { io as connect } from 'socket.io-client';
import { z } from 'zod';
import { listen } from '../../test-kit/listen.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import { createLatchkey, type Latchkey, type UserSession } from '../src/index.ts';
import {
  createChanges,
  createTransactions,
  TransactionCoreClass,
  type TransactionOptions,
} from '../src/transaction/index.ts';
import { grant, type ScriptedService, startScriptedService } from './client/scripted-service.ts';

const stateOf = (id: string, change: Partial<UserSessionState> = {}): UserSessionState => ({
  id,
  user_id: 'user-1',
  tenant_id: 'acme',
  claims: { role: 'teller' },
  server_id: 'server-2',
  connections: 1,
  created_at: 1_700_000_000_000,
  updated_at: 1_700_000_060_000,
  ...change,
});

/** Does nothing but begin and end. */
class EmptyTransaction extends TransactionCoreClass {
  constructor(parent: TransactionCoreClass | undefined, options: TransactionOptions) {
    const nothing = async () => {};
    super(parent, { processBegin: nothing, processCommit: nothing, processRollback: nothing }, options);
  }
}

describe('changes of user sessions', () => {
  let service: ScriptedService;
  let latchkey: Latchkey;
  let heard: string[];

  beforeEach(async () => {
    service = await startScriptedService();
    service.userSessions = [stateOf('s1')];
    latchkey = createLatchkey({ url: service.url, backendId: 'bank', backendSecret: 'secret' });
    heard = [];
    latchkey.onChanges('USER_SESSION', (tenantId, { id, connections }, type) => {
      heard.push(`${tenantId} ${type} ${id} ${connections}`);
    });
    await latchkey.ready();
    await waitFor(() => heard.length === 1);
  });

  afterEach(async () => {
    latchkey.close();
    await service.stop();
  });

  const push = (change: UserSessionChange, session: UserSessionState) =>
    service.push('user_session', [{ change, session, server_id: session.server_id }]);

  it('report the sessions with sockets once the connection is ready, in the shape of zerv-core', async () => {
    const sessions: UserSession[] = latchkey.getUserSessions();
    expect(heard).to.deep.equal(['acme creation s1 1']);
    expect(sessions).to.deep.equal([
      {
        id: 's1',
        userId: 'user-1',
        tenantId: 'acme',
        payload: { role: 'teller', id: 'user-1', tenant_id: 'acme' },
        origin: 's1',
        zervServerId: 'server-2',
        serverId: 'server-2',
        creation: new Date(1_700_000_000_000),
        active: true,
        connections: 1,
        lastUpdate: new Date(1_700_000_060_000),
      },
    ]);
  });

  it('report each change once for each server, also when the service sends it again', async () => {
    const [one, two] = [stateOf('s1', { connections: 2 }), stateOf('s1', { server_id: 'server-3' })];
    for (const _again of [1, 2]) push('update', one);
    for (const _again of [1, 2]) push('creation', two);
    for (const _again of [1, 2]) push('deletion', { ...two, connections: 0 });
    await waitFor(() => heard.length >= 4 && latchkey.getUserSessions().length === 1);
    service.push('user_session', [{ change: 'creation' }]);
    push('deletion', { ...one, connections: 0 });
    await waitFor(() => latchkey.getUserSessions().length === 0);
    const told = ['creation s1 1', 'update s1 2', 'creation s1 1', 'deletion s1 0', 'deletion s1 0'];
    expect(heard).to.deep.equal(told.map((text) => `acme ${text}`));
  });

  it('report only the differences after a lost connection', async () => {
    push('creation', stateOf('s2'));
    push('creation', stateOf('s3'));
    await waitFor(() => heard.length === 3);
    heard = [];
    service.userSessions = [stateOf('s1'), stateOf('s3', { connections: 4 }), stateOf('s4')];
    service.cut();
    await waitFor(() => heard.length >= 3);
    expect(heard).to.deep.equal(['acme update s3 4', 'acme creation s4 1', 'acme deletion s2 0']);
  });

  it('keep the revocation list when presence is malformed', async () => {
    service.userSessions = [{ id: 7 } as never];
    service.end(['s9'], { told: false });
    service.cut();
    await waitFor(() => latchkey.health().revokedCount === 1);
    expect(latchkey.getUserSessions().map(({ id }) => id)).to.deep.equal(['s1']);
  });

  it('refuse changes of the app under the name of user sessions', async () => {
    expect(() => latchkey.notifyUpdate('acme', 'USER_SESSION', {})).to.throw(TypeError, 'USER_SESSION');
    const { run } = latchkey.transactions(EmptyTransaction);
    const refused = await run((transaction) => transaction.notifyUpdate('acme', 'USER_SESSION', {})).catch((e) => e);
    expect(refused).to.be.instanceOf(TypeError);
    expect(heard).to.deep.equal(['acme creation s1 1']);
  });

  describe('changes of the app', () => {
    let http: HttpServer;

    beforeEach(async () => {
      service.answers.exchange = () => ({ ok: true, data: grant });
      http = createServer();
    });
    afterEach(() => new Promise<void>((resolve) => void http.close(() => resolve())));

    async function open() {
      const url = await listen(http);
      const socket = connect(url, { transports: ['websocket'], forceNew: true, auth: { token: 'old' } });
      await new Promise((resolve) => void socket.once('authenticated', resolve));
      return socket;
    }

    it('of an api call are sent after its commit, and never after a rollback', async () => {
      const told: unknown[] = [];
      latchkey.onChanges<{ id: number }>('ACCOUNT', (tenantId, { id }, type) => told.push([tenantId, id, type]));
      latchkey.notifyCreation('acme', 'ACCOUNT', { id: 1 });
      const io = latchkey.socketServe(http, { origins: [] });
      const transactions = latchkey.transactions(EmptyTransaction);
      latchkey
        .apiRouter(io, 'api', { transactions })
        .on('move', { transactional: true, input: z.object({ fails: z.boolean() }) }, function ({ fails }) {
          this.getTransaction().notifyUpdate(this.tenantId, 'ACCOUNT', { id: 7 });
          expect(told.length, 'nothing before the commit').to.equal(1);
          if (fails) throw new Error('after all not');
        });
      const socket = await open();
      const move = (fails: boolean) => socket.timeout(2_000).emitWithAck('api', 'move', { fails });
      expect((await move(true)).error.code).to.equal('internal_error');
      expect(await move(false)).to.deep.equal({ ok: true, data: null });
      socket.close();
      expect(told).to.deep.equal([
        ['acme', 1, 'creation'],
        ['tenant-1', 7, 'update'],
      ]);
    });

    it('of the transaction class that is set on latchkey are sent after getTransaction().execute()', async () => {
      const told: unknown[] = [];
      latchkey.onChanges('ACCOUNT', (tenantId, thing, type) => told.push([tenantId, thing, type]));
      const io = latchkey.socketServe(http, { origins: [] });
      const router = latchkey.apiRouter(io, 'api');
      const add = () => router.on('in_one', { transactional: true, input: z.object({}) }, () => null);
      expect(add).to.throw(TypeError, 'transactional');
      router.on('move', function () {
        return this.getTransaction().execute(async (transaction) => {
          expect(transaction).to.equal(this.getTransaction());
          await transaction.startInner().execute((inner) => inner.notifyDelete(this.tenantId, 'ACCOUNT', 7));
          expect(told).to.deep.equal([]);
          return transaction.constructor.name;
        });
      });
      const socket = await open();
      const move = () => socket.timeout(2_000).emitWithAck('api', 'move', {});
      expect((await move()).error.code).to.equal('internal_error');
      latchkey.TransactionImplementationClass = EmptyTransaction;
      add();
      expect(await move()).to.deep.equal({ ok: true, data: 'EmptyTransaction' });
      await latchkey.defineTransaction('NEW').execute((own) => own.notifyCreation('acme', 'ACCOUNT', 8));
      socket.close();
      expect(told).to.deep.equal([
        ['tenant-1', 7, 'deletion'],
        ['acme', 8, 'creation'],
      ]);
    });

    it('of transactions that a router was given are sent as well, unless they already have changes of their own', async () => {
      const [told, elsewhere]: [unknown[], unknown[]] = [[], []];
      latchkey.onChanges('ACCOUNT', (_tenantId, thing) => told.push(thing));
      const changes = createChanges();
      changes.onChanges('ACCOUNT', (_tenantId, thing) => elsewhere.push(thing));
      const io = latchkey.socketServe(http, { origins: [] });
      const [plain, placed] = [{}, { changes }].map((options) =>
        createTransactions({ TransactionImplementationClass: EmptyTransaction, ...options }),
      );
      for (const [name, transactions] of Object.entries({ plain: plain!, placed: placed! })) {
        latchkey.apiRouter(io, name, { transactions });
        await transactions.run((transaction) => transaction.notifyUpdate('acme', 'ACCOUNT', name));
      }
      expect([told, elsewhere]).to.deep.equal([['plain'], ['placed']]);
    });
  });
});
