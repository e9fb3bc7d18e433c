import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { createOperators } from '../../../src/domain/operator/operators.ts';
import { createPresence } from '../../../src/domain/presence/presence.ts';
import { createTraffic } from '../../../src/domain/traffic/traffic.ts';
import { emptyTables, epochOf, onEachDatabase } from '../../databases.ts';
import { copySession, insertSession } from '../../session-rows.ts';
import { openSessions } from './open-sessions.ts';

const sources = fileURLToPath(new URL('../../../src/', import.meta.url));
const definition = 'domain/session/live-session.sql.ts';

/** Source files that have such text. */
function filesWith(pattern: RegExp): string[] {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.filter((file) => pattern.test(readFileSync(join(sources, file), 'utf8'))).sort();
}

describe('the definition of a live session', () => {
  it('is in one file', () => {
    // Invitations are revoked, too.
    const invitations = 'domain/invitation/invitation-store.ts';
    expect(filesWith(/revoked_at\s+IS\s+NULL/i)).to.deep.equal([invitations, definition]);
    const copies =
      /least\s*\(\s*(\S+\.)?(idle_)?expires_at|idle_expires_at\s*(::\w+)?\s*[<>]|[<>]=?\s*(\w+\.)?idle_expires_at/;
    // Changing limits compares them, too.
    expect(filesWith(copies)).to.deep.equal([definition, 'domain/session/session-limits-store.ts']);
  });
});

onEachDatabase('a live session', (database) => {
  it('is the same in lists, counts, presence, the console and single reads', async () => {
    await emptyTables(database());
    const { db } = database();
    const clock = createSystemClock();
    const onError = (error: unknown) => expect.fail(String(error));
    const sid = await insertSession(database(), Buffer.alloc(16, 1));
    const past = '2020-01-01Z';
    const dead: Record<string, unknown>[] = [
      { revoked_at: past, revoke_reason: 'logout' },
      { expires_at: past },
      { idle_seconds: 1, idle_expires_at: past },
      { idle_seconds: 1, idle_expires_at: '2100-01-01Z', expires_at: past },
    ];
    for (const change of dead) await copySession(database(), sid, { rows: 1, change });
    await sql`UPDATE users SET operator = true`.execute(db);
    const presence = createPresence({ db, clock, onError });
    await presence.start();
    await sql`INSERT INTO presence (sid, server_id, sockets) SELECT sid, ${presence.serverId}::uuid, 1 FROM sessions`.execute(
      db,
    );
    const sessions = openSessions(db, { maxSessionsPerUser: 9, epoch: await epochOf(database()) });
    const traffic = createTraffic({ db, clock, onError });
    const { rows } = await sql<{ sid: string; uid: string }>`SELECT sid, uid FROM sessions`.execute(db);
    const all = rows.map((row) => row.sid);
    expect(all).to.have.length(5);

    const online: string[] = [];
    for await (const page of presence.listAll()) online.push(...page.map((there) => there.sid));
    const standings = await createOperators().readStatuses(db, all);
    const numbers = await traffic.totals();
    await traffic.sample();
    const minutes = await traffic.lastHour(db);
    const live = await Promise.all(all.map(async (each) => (await sessions.live(db, each)) && each));
    const seen = await Promise.all(all.map(async (each) => (await sessions.findDetails(db, each)) && each));
    expect({
      list: (await sessions.list(db, rows[0]!.uid)).map((row) => row.sid),
      listSeen: (await sessions.listDetails(db, { limit: 10 })).rows.map((row) => row.sid),
      ofUser: (await sessions.listDetails(db, { limit: 10, userId: rows[0]!.uid })).rows.map((row) => row.sid),
      online,
      listOnline: (await sessions.listDetails(db, { limit: 10, online: true })).rows.map((row) => row.sid),
      operators: all.filter((each) => standings.get(each) === 'operator'),
      live: live.filter(Boolean),
      seen: seen.filter(Boolean),
      replaced: await sessions.replaceClaims(db, rows[0]!.uid, { role: 'new' }),
      alive: (await sessions.inspect(all)).flatMap((state) => (state.alive ? [state.sid] : [])),
    }).to.deep.equal({
      ...{ list: [sid], listSeen: [sid], ofUser: [sid], online: [sid], listOnline: [sid], operators: [sid] },
      ...{ live: [sid], seen: [sid], replaced: [sid], alive: [sid] },
    });
    expect(numbers).to.include({ sessions: 1, onlineSessions: 1, sockets: 1 });
    expect(minutes.flatMap(({ sessions: sampled }) => sampled ?? [])).to.deep.equal([1]);
    await presence.stop();
  });
});
