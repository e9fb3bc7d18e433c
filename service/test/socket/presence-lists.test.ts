import { randomUUID } from 'node:crypto';
import type { PresenceChange, PresencePage } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import type { PresenceEntry } from '../../src/domain/presence/presence-entry.ts';
import type { BackendSocket } from '../../src/socket/backend/backend-socket.ts';
import { createPresenceLists, type PresenceLists } from '../../src/socket/backend/presence-lists.ts';
import { createPresenceFeed, type PresenceFeed } from '../../src/socket/presence-feed.ts';

const personAt = (sid: string, sockets = 1, tenantId = 't'): PresenceEntry => ({
  ...{ sid, userId: 'u', tenantId, claims: {}, serverId: 'there', sockets },
  ...{ createdAtMs: 1, updatedAtMs: 1 },
});

describe('createPresenceLists', () => {
  let there: Map<string, PresenceEntry>;
  /** Resolves before a read of presence continues. */
  let gate: Promise<void>;
  let feed: PresenceFeed;
  let lists: PresenceLists;
  let emitted: { event: string; payload: unknown }[];

  function socketOf(tenantId: string | null): BackendSocket {
    return {
      connected: true,
      data: { backend: { tenantId } },
      conn: { writeBuffer: [], transport: { socket: { bufferedAmount: 0 } } },
      once() {},
      emit: (event: string, payload: unknown) => void emitted.push({ event, payload }),
    } as unknown as BackendSocket;
  }

  beforeEach(() => {
    [there, gate, emitted] = [new Map(), Promise.resolve(), []];
    const clock = createSystemClock();
    async function* listPresence() {
      await gate;
      const rows = [...there.values()];
      for (let at = 0; at < rows.length; at += 100) yield rows.slice(at, at + 100);
    }
    feed = createPresenceFeed({ listPresence, clock, onError: (error) => expect.fail(String(error)) });
    lists = createPresenceLists({ presenceFeed: feed });
  });
  afterEach(() => {
    lists.close();
    feed.close();
  });

  const enter = (count: number, tenantId?: string) => {
    for (let at = 0; at < count; at += 1) {
      const sid = randomUUID();
      there.set(sid, personAt(sid, 1, tenantId));
    }
  };
  const ask = async (socket: BackendSocket, first: boolean): Promise<PresencePage> =>
    (await lists.page(socket, { first }))();

  /** A copy as a backend keeps it: pages and events in the order of their arrival. */
  function createCopy(socket: BackendSocket) {
    const copy = new Map<string, number>();
    const events = () => {
      for (const { event, payload } of emitted.splice(0)) {
        expect(event).to.equal('user_session');
        for (const { change, session } of payload as PresenceChange[])
          if (change === 'deletion') copy.delete(session.id);
          else copy.set(session.id, session.connections);
      }
    };
    return {
      copy,
      events,
      async page(first = false) {
        const { user_sessions, more } = await ask(socket, first);
        events();
        for (const { id, connections } of user_sessions) copy.set(id, connections);
        return { length: user_sessions.length, more };
      },
    };
  }
  const current = () => new Map([...there.values()].map(({ sid, sockets }) => [sid, sockets]));

  it('lists all sessions in pages, and sends changes between pages as events', async () => {
    enter(600);
    const { copy, page, events } = createCopy(socketOf(null));
    expect(await page(true)).to.deep.equal({ length: 250, more: true });
    const sids = [...there.keys()];
    there.delete(sids[0]!);
    there.delete(sids[500]!);
    there.set(sids[1]!, personAt(sids[1]!, 7));
    there.set(sids[501]!, personAt(sids[501]!, 8));
    enter(3);
    await feed.read();
    expect(await page()).to.deep.equal({ length: 250, more: true });
    expect((await page()).more).to.equal(false);
    expect(copy).to.deep.equal(current());
    there.delete(sids[2]!);
    await feed.read();
    events();
    expect(copy).to.deep.equal(current());
  });

  it('lists only sessions of the tenant, also when these are few of many', async () => {
    enter(10_500, 'other');
    enter(1, 'own');
    const socket = socketOf('own');
    const pages = [await ask(socket, true), await ask(socket, false)];
    expect(pages.map(({ user_sessions, more }) => [user_sessions.length, more])).to.deep.equal([
      [0, true],
      [1, false],
    ]);
    enter(1, 'other');
    await feed.read();
    expect(emitted).to.deep.equal([]);
  });

  it('answers within a second when the first read takes longer, and emits no events of that read', async () => {
    enter(300);
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const socket = socketOf(null);
    expect(await ask(socket, true)).to.deep.equal({ user_sessions: [], more: true });
    open();
    await feed.read();
    expect((await ask(socket, false)).user_sessions).to.have.length(250);
    expect((await ask(socket, false)).more).to.equal(false);
    expect(emitted).to.deep.equal([]);
  });

  it('emits one gap to a backend that reads slowly, and nothing more before it requests the list again', async () => {
    enter(10);
    const socket = socketOf(null);
    await ask(socket, true);
    const { socket: raw } = socket.conn.transport as unknown as { socket: { bufferedAmount: number } };
    raw.bufferedAmount = 1_000_000;
    for (let round = 0; round < 3; round += 1) {
      enter(600);
      await feed.read();
    }
    expect(emitted.map(({ event }) => event)).to.deep.equal(['presence_gap']);
    raw.bufferedAmount = 0;
    emitted.length = 0;
    const { copy, page } = createCopy(socket);
    for (let more = (await page(true)).more; more; more = (await page()).more);
    expect(copy).to.deep.equal(current());
  });

  it('starts again with `first` when an answer was lost', async () => {
    enter(300);
    const socket = socketOf(null);
    await ask(socket, true);
    expect((await ask(socket, true)).user_sessions).to.have.length(250);
    expect((await ask(socket, false)).user_sessions).to.have.length(50);
  });

  it('emits nothing to a backend that has disconnected before the answer', async () => {
    enter(1);
    const socket = socketOf(null);
    const answer = await lists.page(socket, { first: true });
    (socket as { connected: boolean }).connected = false;
    expect(answer()).to.deep.equal({ user_sessions: [], more: true });
    enter(1);
    await feed.read();
    expect(emitted).to.deep.equal([]);
  });
});
