import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import pg from 'pg';
import { io as connect, type Socket } from 'socket.io-client';
import type { Postgres } from '../../../test-kit/database/postgres.ts';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import { type Driver, type Moment, openPayingNode, type PayingNode, paymentsTable } from './paying-node.ts';

const rounds = 40;
const keysEach = 5;

for (const driver of ['pg', 'kysely'] satisfies Driver[])
  describe(`two nodes of an api on one Postgres (${driver})`, function () {
    this.timeout(60_000);
    let postgres: Postgres;
    let url: string;
    let pool: pg.Pool;
    let nodes: PayingNode[];
    const sockets: Socket[] = [];

    /** Somebody signed in at the node; each call has the same params. */
    async function callerAt(port: number): Promise<(key?: string) => Promise<unknown>> {
      const socket = connect(`http://127.0.0.1:${port}`, {
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
      });
      sockets.push(socket);
      socket.on('connect', () => void socket.emit('authenticate', { token: 'sid:s1' }));
      await new Promise((resolve) => void socket.once('authenticated', resolve));
      return (key) => {
        const options = key === undefined ? {} : { idempotency_key: key };
        return socket.timeout(10_000).emitWithAck('api', 'pay', { amount: 5 }, options);
      };
    }

    const payments = async () =>
      (await pool.query<{ id: number; key: string }>('SELECT id, key FROM payments ORDER BY id')).rows;

    beforeEach(async () => {
      postgres = await sharedPostgres();
      url = await postgres.createDatabase();
      pool = new pg.Pool({ connectionString: url, max: 1 });
      await pool.query(paymentsTable);
      nodes = await Promise.all([openPayingNode(driver, url), openPayingNode(driver, url)]);
    });
    afterEach(async () => {
      for (const socket of sockets.splice(0)) socket.close();
      await Promise.all(nodes.map((node) => node.close()));
      await pool.end();
      await postgres.dropDatabase(url);
    });

    it('run the handler once for a key that both receive at once, and give both callers the same answer', async () => {
      const callers = await Promise.all(nodes.map(({ port }) => callerAt(port)));
      const given = new Map<string, unknown>();
      for (let round = 0; round < rounds; round += 1) {
        const race = Array.from({ length: keysEach }, async (_, index) => {
          const key = `${round}.${index}`;
          const answers = await Promise.all(callers.map((call) => sleep(Math.random() * 3).then(() => call(key))));
          expect(answers[0]).to.deep.equal(answers[1]);
          given.set(key, answers[0]);
        });
        await Promise.all(race);
      }
      const standing = (await payments()).map(({ id, key }) => [key, { ok: true, data: { id } }] as const);
      expect(standing).to.have.length(rounds * keysEach);
      expect(new Map(standing)).to.deep.equal(given);
      const runs = nodes.map((node) => node.runs);
      expect(runs.flat().sort()).to.deep.equal([...given.keys()].sort());
      // Both have won races, or there were none.
      for (const own of runs) expect(own.length).to.be.above(0);
    });

    it('answer unavailable with retry_after_ms when the connection to the database is cut during a call', async () => {
      const cut = () =>
        pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'idle in transaction'`);
      const node = await openPayingNode(driver, url, { before: cut });
      nodes.push(node);
      const call = await callerAt(node.port);
      const told = ['code', 'retryable', 'retry_after_ms'];
      const refusal = async (key?: string) => {
        const { error } = (await call(key)) as { error: Record<string, unknown> };
        return told.map((name) => error[name]);
      };
      for (const key of ['k', undefined]) expect(await refusal(key)).to.deep.equal(['unavailable', true, 500]);
      expect(await payments()).to.deep.equal([]);
    });

    for (const moment of ['before', 'after'] satisfies Moment[])
      it(`pay once when the first node is killed ${moment} its commit`, async () => {
        const options = { execArgv: ['--import', 'tsx', '--conditions=@latchkey/source'] };
        const child = fork(fileURLToPath(new URL('./dying-node.ts', import.meta.url)), [driver, url, moment], options);
        const exited = once(child, 'exit');
        const [port] = (await once(child, 'message')) as [number];
        const [doomed, caller] = await Promise.all([callerAt(port), callerAt(nodes[0]!.port)]);
        const lost = doomed('k').then(
          () => 'answered',
          () => 'lost',
        );
        expect(await exited).to.deep.equal([null, 'SIGKILL']);
        const answer = (await caller('k')) as { ok: boolean; data: unknown };
        sockets.at(-2)!.close();
        const standing = await payments();
        expect(standing).to.have.length(1);
        expect(answer).to.deep.equal({ ok: true, data: { id: standing[0]!.id } });
        expect(nodes[0]!.runs).to.deep.equal(moment === 'before' ? ['k'] : []);
        expect(await lost).to.equal('lost');
      });
  });
