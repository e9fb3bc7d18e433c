import { randomUUID } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import {
  type Ack,
  type AdminPresenceUpdate,
  type AdminSubscribed,
  fail,
  maxCredentialLength,
} from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import { listen } from '../../../test-kit/listen.ts';
import type { OperatorStatus } from '../../src/domain/operator/operator-store.ts';
import type { PresenceEntry } from '../../src/domain/presence/presence-entry.ts';
import { createServiceCauses } from '../../src/ops/causes.ts';
import { createLogger } from '../../src/ops/logger.ts';
import { mountAdminUpdates } from '../../src/socket/admin/updates.ts';

const sid = randomUUID();

const session = (): PresenceEntry => ({
  ...{ sid: randomUUID(), userId: randomUUID(), tenantId: 'default', claims: {}, serverId: randomUUID() },
  ...{ sockets: 1, createdAtMs: 0, updatedAtMs: 0 },
});

describe('live updates of operators', () => {
  let http: HttpServer;
  let io: Server;
  let news: { close(): void };
  let operator: Socket;
  let there: PresenceEntry[];
  let standing: OperatorStatus;
  let expiresInSeconds: number;
  let reads: number;
  let arrived: { event: string; payload: unknown }[];
  let endListeners: Set<() => void>;

  beforeEach(async () => {
    [there, standing, expiresInSeconds, reads, arrived] = [[], 'operator', 300, 0, []];
    endListeners = new Set();
    http = createServer();
    io = new Server(http);
    // Stands in for the browser protocol: everybody is signed in.
    io.use((socket, next) => {
      socket.data = { sid, userId: randomUUID(), tenantId: 'default' };
      next();
    });
    const flows = {
      authorizeUpdates: async (token: string) => {
        if (!token.startsWith('good')) throw fail('unauthenticated');
        return { expiresInSeconds };
      },
      readOperatorStatuses: async (sids: readonly string[]) => new Map(sids.map((one) => [one, standing])),
      async *listPresence() {
        reads += 1;
        yield there;
      },
      onSessionEnded(listener: () => void) {
        endListeners.add(listener);
        return () => void endListeners.delete(listener);
      },
    };
    const clock = createSystemClock();
    const log = createLogger({ level: 'silent', clock });
    news = mountAdminUpdates(io, { flows, clock, log, causes: createServiceCauses({ log, clock }) });
    const url = await listen(http);
    operator = connect(url, { transports: ['websocket'], reconnection: false, forceNew: true });
    operator.onAny((event: string, payload: unknown) => void arrived.push({ event, payload }));
    await new Promise<void>((resolve) => operator.once('connect', resolve));
  });
  afterEach(async () => {
    operator.disconnect();
    news.close();
    await io.close();
  });

  const subscribe = (input: unknown = { access_token: 'good' }) =>
    operator.timeout(1_000).emitWithAck('admin_subscribe', input) as Promise<Ack<AdminSubscribed>>;
  const next = <T>(event: string) =>
    new Promise<T>((resolve, reject) => {
      setTimeout(() => reject(new Error(`no ${event}`)), 2_500);
      operator.once(event, resolve);
    });
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('send changes since the subscription, and not earlier ones', async () => {
    there = [session()];
    expect(await subscribe()).deep.equal({ ok: true, data: { expires_in: 300 } });
    const newcomer = session();
    there = [...there, newcomer];
    const { changes, refetch } = await next<AdminPresenceUpdate>('admin_update');
    expect(changes.map(({ change, session: { id } }) => [change, id])).deep.equal([['creation', newcomer.sid]]);
    expect(refetch).equal(false);
  });

  it('accept an access token of any length that the service issues', async () => {
    const access_token = 'good'.padEnd(maxCredentialLength, 'x');
    expect(await subscribe({ access_token })).deep.equal({ ok: true, data: { expires_in: 300 } });
    expect((await subscribe({ access_token: `${access_token}x` })).ok).equal(false);
  });

  it('contain at most 200 changes, and request a refetch when there were more', async () => {
    await subscribe();
    there = Array.from({ length: 250 }, session);
    const told = await next<AdminPresenceUpdate>('admin_update');
    expect(told.changes).length(200);
    expect(told.refetch).equal(true);
  });

  it('request one refetch when sessions end, for any number of ends', async () => {
    await subscribe();
    for (let ended = 0; ended < 1_000; ended++) for (const listener of endListeners) listener();
    expect(await next('admin_update')).deep.equal({ changes: [], refetch: true });
    await pause(700);
    expect(arrived.filter(({ event }) => event === 'admin_update')).length(1);
    operator.disconnect();
    await pause(100);
    expect(endListeners.size).equal(0);
  });

  it('stop when the token expires, and continue with the next one', async () => {
    expiresInSeconds = 0.2;
    await subscribe();
    expect(await next('admin_unsubscribed'))
      .property('code')
      .equal('unauthenticated');
    there = [session()];
    await pause(700);
    expect(arrived.filter(({ event }) => event === 'admin_update')).deep.equal([]);
    [expiresInSeconds, there] = [300, []];
    await subscribe();
    await subscribe();
    there = [session()];
    expect((await next<AdminPresenceUpdate>('admin_update')).changes).length(1);
    await pause(600);
    expect(arrived.filter(({ event }) => event === 'admin_update')).length(1);
  });

  it('stop when the flag is removed, or the session ends', async () => {
    for (const [now, code] of [
      ['no_operator', 'forbidden'],
      ['ended', 'unauthenticated'],
    ] as const) {
      standing = 'operator';
      await subscribe();
      standing = now;
      there = [session()];
      expect(await next('admin_unsubscribed'))
        .property('code')
        .equal(code);
    }
    expect(arrived.filter(({ event }) => event === 'admin_update')).deep.equal([]);
  });

  it('are not read from the database without a subscriber', async () => {
    await pause(600);
    expect(reads).equal(0);
    await subscribe();
    operator.disconnect();
    await pause(600);
    const before = reads;
    await pause(1_100);
    expect(reads).equal(before);
  });

  it('are refused for another credential', async () => {
    for (const input of [null, 'good', {}, { access_token: 5 }, { access_token: 'good', extra: 1 }, []])
      expect(await subscribe(input), JSON.stringify(input))
        .nested.property('error.code')
        .equal('invalid_request');
    expect(await subscribe({ access_token: 'bad' }))
      .nested.property('error.code')
      .equal('unauthenticated');
    operator.emit('admin_subscribe', { access_token: 'good' });
    await pause(100);
    expect(reads).equal(0);
  });
});
