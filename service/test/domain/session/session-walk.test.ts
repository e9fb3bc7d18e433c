import { expect } from 'chai';
import { sql } from 'kysely';
import type { Db } from '../../../src/db/schema.ts';
import { sessionsOfTenant } from '../../../src/domain/session/session-walk.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { inTime } from '../../deadlines.ts';
import { copySession, insertSession } from '../../session-rows.ts';
import { openSessions } from './open-sessions.ts';

onEachDatabase('the end of a tenant', (database) => {
  const db = () => database().db;
  let first: string;

  beforeEach(async () => {
    await emptyTables(database());
    first = await insertSession(database(), Buffer.alloc(16, 1));
  });

  const endTenant = (handle: Db = db()) =>
    openSessions(handle).endTenant(handle, { tenantId: 'default' }, 'ended_by_operator', inTime(), () => {});

  const copy = (rows: number, change = {}) => copySession(database(), first, { rows, change });

  async function live(): Promise<number> {
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM sessions WHERE revoked_at IS NULL`.execute(
      db(),
    );
    return rows[0]!.n;
  }

  /** Signs one live session out after each statement. */
  const signingOut = (): Db =>
    db().withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        await sql`UPDATE sessions SET revoked_at = now(), revoke_reason = 'logout'
          WHERE sid = (SELECT sid FROM sessions WHERE revoked_at IS NULL LIMIT 1)`.execute(db());
        return result;
      },
    });

  it('ends every session when one of each page is signed out after the page was read', async () => {
    await copy(1_600);
    const ended = await endTenant(signingOut());
    expect(await live()).to.equal(0);
    expect(ended).to.be.within(1_590, 1_600);
  });

  it('does not read sessions that ended before', async () => {
    await copy(1_200, { revoked_at: new Date().toISOString(), revoke_reason: 'logout' });
    const pages: (readonly string[])[] = [];
    for await (const page of sessionsOfTenant(db(), { tenantId: 'default' })) pages.push(page);
    expect(pages).to.deep.equal([[first]]);
  });

  it('leaves out sessions that are opened meanwhile, and reads none twice', async () => {
    await copy(1_200);
    const seen: string[] = [];
    for await (const page of sessionsOfTenant(db(), { tenantId: 'default' })) {
      seen.push(...page);
      await copySession(database(), first, { rows: 1, apartMs: -60_000 });
    }
    expect(seen).to.have.length(1_201);
    expect(new Set(seen).size).to.equal(1_201);
  });

  it('ends sessions that were opened in the same microsecond', async () => {
    await copySession(database(), first, { rows: 1_100, apartMs: 0 });
    expect(await endTenant()).to.equal(1_101);
    expect(await live()).to.equal(0);
  });
});
