import { randomUUID } from 'node:crypto';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { createPresence, type Presence } from '../../../src/domain/presence/presence.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { copySession, insertSession } from '../../session-rows.ts';

onEachDatabase('createPresence', (database) => {
  let errors: unknown[];
  let open: Presence[];
  beforeEach(async () => {
    await emptyTables(database());
    [errors, open] = [[], []];
  });
  afterEach(async () => {
    for (const presence of open) await presence.stop();
    expect(errors).to.deep.equal([]);
  });

  async function server(): Promise<Presence> {
    const onError = (error: unknown) => void errors.push(error);
    const presence = createPresence({ db: database().db, clock: createSystemClock(), onError });
    open.push(presence);
    await presence.start();
    return presence;
  }
  const rows = async () =>
    (
      await sql<{ sid: string; sockets: number }>`SELECT sid, sockets FROM presence ORDER BY sockets`.execute(
        database().db,
      )
    ).rows;
  const servers = async () => (await sql`SELECT FROM servers`.execute(database().db)).rows.length;
  const written = () => new Promise((resolve) => setTimeout(resolve, 400));

  it('reports the newest count of each session, and deletes one without sockets', async () => {
    const { set } = await server();
    const [one, two] = [randomUUID(), randomUUID()];
    for (const [sid, sockets] of [
      [one, 1],
      [one, 2],
      [two, 1],
    ] as const)
      set(sid, sockets);
    await written();
    expect(await rows()).to.deep.equal([
      { sid: two, sockets: 1 },
      { sid: one, sockets: 2 },
    ]);
    set(one, 0);
    await written();
    expect(await rows()).to.deep.equal([{ sid: two, sockets: 1 }]);
  });

  it('returns true for sessions that the server relayed, that have sockets, or that had some recently', async () => {
    const presence = await server();
    const [here, relayed, unknown] = [randomUUID(), randomUUID(), randomUUID()];
    const held = async () => [...(await presence.findHeld([here, relayed, unknown]))];
    expect(await held()).to.deep.equal([]);
    presence.markRelayed(relayed);
    presence.set(here, 1);
    expect(await held()).to.deep.equal([here, relayed]);
    await presence.replace(new Map());
    expect(await held(), 'a list in parts begins with an empty one').to.deep.equal([here, relayed]);
  });

  it('returns true for sessions in the rows of the same server after a reconnect, and of no other server', async () => {
    const [first, sid] = [await server(), randomUUID()];
    first.set(sid, 1);
    await written();
    const onError = (error: unknown) => void errors.push(error);
    const same = { serverId: first.serverId, backendId: null };
    const back = createPresence({ db: database().db, clock: createSystemClock(), onError }, same);
    expect([...(await back.findHeld([sid]))]).to.deep.equal([sid]);
    await back.replace(new Map());
    expect([...(await back.findHeld([sid]))], 'also once its rows were replaced').to.deep.equal([sid]);
    expect([...(await (await server()).findHeld([sid]))]).to.deep.equal([]);
  });

  it('lists live sessions with sockets page by page, without those that ended or expired, and without lost servers', async () => {
    const { db } = database();
    const { serverId, listAll } = await server();
    const lost = await server();
    const first = await insertSession(database(), Buffer.alloc(16, 1));
    await copySession(database(), first, { rows: 2_499 });
    await copySession(database(), first, { rows: 1_100, change: { expires_at: '2020-01-01Z' } });
    await copySession(database(), first, { rows: 1, change: { idle_seconds: 1, idle_expires_at: '2020-01-01Z' } });
    await copySession(database(), first, { rows: 1, change: { revoked_at: '2020-01-01Z', revoke_reason: 'logout' } });
    await sql`INSERT INTO presence (sid, server_id, sockets) SELECT sid, ${serverId}::uuid, 2 FROM sessions`.execute(
      db,
    );
    await sql`INSERT INTO presence (sid, server_id, sockets) SELECT sid, ${lost.serverId}::uuid, 1 FROM sessions`.execute(
      db,
    );
    await sql`UPDATE servers SET lease_until = now() WHERE server_id = ${lost.serverId}::uuid`.execute(db);
    const seen: string[] = [];
    for await (const page of listAll()) {
      expect(page.length).to.be.within(1, 1_000);
      for (const session of page) {
        expect(session).to.include({ tenantId: 'default', serverId, sockets: 2 });
        seen.push(session.sid);
      }
    }
    expect(seen).to.have.length(2_500);
    expect(new Set(seen).size).to.equal(2_500);
  });

  it('writes a large full report in batches, and deletes sessions that it does not contain', async () => {
    const { replace, deleteExpiredServers } = await server();
    const lost = await server();
    await replace(new Map([[randomUUID(), 1]]));
    await lost.replace(new Map([[randomUUID(), 1]]));
    const all = new Map(Array.from({ length: 10_001 }, () => [randomUUID(), 1]));
    await replace(all);
    await sql`UPDATE servers SET lease_until = now() - interval '2 minutes' WHERE server_id = ${lost.serverId}::uuid`.execute(
      database().db,
    );
    expect(await deleteExpiredServers()).to.equal(1);
    expect(new Set((await rows()).map(({ sid }) => sid))).to.deep.equal(new Set(all.keys()));
  });

  it('adds up the counts of servers, and deletes its own when it stops', async () => {
    const [left, right] = [await server(), await server()];
    const sid = randomUUID();
    left.set(sid, 1);
    right.set(sid, 2);
    await left.stop();
    await written();
    expect(await rows()).to.deep.equal([{ sid, sockets: 2 }]);
    expect(await servers()).to.equal(1);
  });

  it('reports everything again after its lease expired, with the next count or the next lease', async () => {
    const presence = await server();
    const [one, two] = [randomUUID(), randomUUID()];
    for (const speak of [() => presence.set(two, 2), () => presence.renew()]) {
      presence.set(one, 1);
      await written();
      await sql`UPDATE servers SET lease_until = now() - interval '2 minutes'`.execute(database().db);
      expect(await presence.deleteExpiredServers()).to.equal(1);
      expect(await rows()).to.deep.equal([]);
      await speak();
      await written();
      expect((await rows()).map(({ sid }) => sid)).to.include(one);
    }
  });

  it('reports everything again after a recovery of the database, and removes rows of sockets that have closed', async () => {
    const presence = await server();
    const [open, closed] = [randomUUID(), randomUUID()];
    presence.set(open, 2);
    await written();
    await sql`UPDATE presence SET sid = ${closed}::uuid`.execute(database().db);
    await presence.renew();
    expect(await rows(), 'without a recovery').to.deep.equal([{ sid: closed, sockets: 2 }]);
    await sql`UPDATE cluster SET moved_at = clock_timestamp()`.execute(database().db);
    await presence.renew();
    expect(await rows()).to.deep.equal([{ sid: open, sockets: 2 }]);
  });

  it('keeps the rows of a server that comes back with its lease, whose sockets are not reported yet', async () => {
    const first = await server();
    first.set(randomUUID(), 1);
    await written();
    await sql`UPDATE cluster SET moved_at = clock_timestamp()`.execute(database().db);
    const back = createPresence(
      { db: database().db, clock: createSystemClock(), onError: (error) => void errors.push(error) },
      { serverId: first.serverId, backendId: null },
    );
    await back.start();
    expect(await rows()).to.have.length(1);
  });

  it('stays removed during and after its stop, despite late reports', async () => {
    const presence = await server();
    const stopped = presence.stop();
    presence.set(randomUUID(), 1);
    await stopped;
    presence.set(randomUUID(), 1);
    await presence.renew();
    await written();
    expect(await servers()).to.equal(0);
  });

  it('uses the latest count of a session, also next to a full report, and reports it again', async () => {
    const presence = await server();
    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
    presence.set(three, 1);
    const replaced = presence.replace(
      new Map([
        [one, 2],
        [two, 2],
      ]),
    );
    presence.set(one, 0);
    presence.set(two, 1);
    await replaced;
    await written();
    expect(await rows()).to.deep.equal([{ sid: two, sockets: 1 }]);
    await sql`UPDATE servers SET lease_until = now() - interval '2 minutes'`.execute(database().db);
    await presence.deleteExpiredServers();
    await presence.renew();
    expect(await rows()).to.deep.equal([{ sid: two, sockets: 1 }]);
  });
});
