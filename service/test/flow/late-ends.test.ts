import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import type { Deadline } from '../../src/db/deadline.ts';
import type { Actor } from '../../src/flow/admin/actor.ts';
import type { Caller } from '../../src/flow/types.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { inTime, tooLate } from '../deadlines.ts';
import { challenge, type Fixture, openFixture, password, peer } from './fixture.ts';

/** Hooks by which people are known elsewhere. */
const externalUsers = {
  register: ({ email }: { email: string }) => ({ externalId: email, email }),
  findUserByCredentials: ({ email }: { email: string }) => ({ externalId: email, email }),
};

onEachDatabase('work that arrives after its deadline', (database) => {
  let fixture: Fixture;

  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  const actor = (deadline = inTime()): Actor => ({
    ...{ userId: null, backendId: 'b', tenantId: null, scopes: null, addressPrefix: null },
    deadline,
  });
  const callerOf = async ({ accessToken }: { accessToken: string }): Promise<Caller> =>
    fixture.flows.authenticate(accessToken);
  const alive = async () => {
    const { rows } = await sql<{
      sid: string;
    }>`SELECT sid FROM sessions WHERE revoked_at IS NULL ORDER BY created_at`.execute(database().db);
    return rows.map(({ sid }) => sid);
  };
  /** Everything that a late request may not change. */
  const rows = async () => {
    const { rows } = await sql<{
      all: string;
    }>`SELECT concat_ws('|', (SELECT jsonb_agg(s ORDER BY sid) FROM sessions s),
      (SELECT jsonb_agg(u ORDER BY id) FROM users u), (SELECT jsonb_agg(t ORDER BY id) FROM tenants t),
      (SELECT jsonb_agg(b ORDER BY id) FROM backends b),
      (SELECT jsonb_agg(k ORDER BY kid) FROM signing_keys k), (SELECT count(*) FROM audit WHERE action = 'claims_recomputed'),
      (SELECT jsonb_agg(i) FROM operator_invites i), (SELECT max(seq) FROM blacklist)) AS all`.execute(database().db);
    return rows[0]!.all;
  };

  for (const scope of ['session', 'others', 'all'] as const) {
    it(`is unavailable and ends no session for a logout of ${scope}, and its retry ends it`, async () => {
      const { email, grant } = await fixture.enter();
      const other = await fixture.redeem(await fixture.login(email));
      const before = await rows();
      expect(await codeOf(fixture.flows.logout(grant.sid, scope, tooLate()))).to.equal('unavailable');
      expect(await rows()).to.equal(before);
      await fixture.flows.logout(grant.sid, scope, inTime());
      expect(await alive()).to.deep.equal({ session: [other.sid], others: [grant.sid], all: [] }[scope]);
    });
  }

  it('changes no sessions, users, tenants or backends for an operator', async () => {
    const { grant } = await fixture.enter();
    const { admin } = fixture;
    await admin.createTenant(actor(), { id: 'other', name: 'Other' });
    await admin.createBackend(actor(), { id: 'app', name: 'App' });
    const before = await rows();
    const late = actor(tooLate());
    for (const work of [
      () => admin.endSession(late, grant.sid),
      () => admin.endUserSessions(late, grant.userId),
      () => admin.endTenantSessions(late, 'default'),
      () => admin.updateUser(late, grant.userId, { disabled: true }),
      () => admin.updateTenant(late, 'default', { maxActiveMinutes: 1 }),
      () => admin.createTenant(late, { id: 'late', name: 'Late' }),
      () => admin.createBackend(late, { id: 'late', name: 'Late' }),
      () => admin.rotateBackend(late, 'app'),
      () => admin.removeBackend(late, 'app'),
      () => admin.rotateKeys(late),
      () => admin.recomputeUser(late, grant.userId),
    ]) {
      expect(await codeOf(work()), work.toString()).to.equal('unavailable');
      expect(await rows(), work.toString()).to.equal(before);
    }
  });

  it('changes no password and ends none of the caller’s sessions', async () => {
    const { email, grant } = await fixture.enter();
    const other = await fixture.redeem(await fixture.login(email));
    const caller = await callerOf(grant);
    const before = await rows();
    const passwords = { current: password, next: 'another quite long one' };
    expect(await codeOf(fixture.flows.changePassword(caller, passwords, peer, tooLate()))).to.equal('unavailable');
    expect(await codeOf(fixture.flows.endSession(caller, other.sid, tooLate()))).to.equal('unavailable');
    expect(await codeOf(fixture.flows.revoke(other.token, tooLate()))).to.equal('unavailable');
    expect(await rows()).to.equal(before);
  });

  it('creates and updates no user or operator', async () => {
    const invite = (await fixture.domain.operators.invite(database().db))!;
    const hooked = await openFixture(database(), { hooks: externalUsers });
    const input = (given: object = {}) => ({
      email: `${randomUUID()}@example.org`,
      password,
      codeChallenge: challenge,
      ...given,
    });
    const before = await rows();
    for (const [name, work] of Object.entries({
      register: (by: Deadline) => fixture.flows.register(input(), peer, by),
      invited: (by: Deadline) => fixture.flows.register(input({ operatorInvite: invite }), peer, by),
      'register with a hook': (by: Deadline) => hooked.flows.register(input(), peer, by),
      'login with a hook': (by: Deadline) => hooked.flows.login(input(), peer, by),
    })) {
      expect(await codeOf(work(tooLate())), name).to.equal('unavailable');
      expect(await rows(), name).to.equal(before);
    }
    expect(await codeOf(fixture.flows.register(input({ operatorInvite: invite }), peer, inTime()))).to.equal('done');
    expect(await codeOf(hooked.flows.login(input(), peer, inTime()))).to.equal('done');
    await hooked.stop();
  });

  it('does not end sessions that were opened after the request', async () => {
    const { email, grant } = await fixture.enter();
    const asked = Date.now() + 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    const later = await fixture.redeem(await fixture.login(email));
    const by = { ...inTime(), createdBefore: asked };
    const { sessions } = fixture.domain;
    const { db } = database();
    expect(await sessions.end(db, { sid: later.sid, userId: later.userId }, 'logout', by)).to.deep.equal([]);
    expect(await sessions.end(db, { userId: later.userId, except: grant.sid }, 'logout', by)).to.deep.equal([]);
    expect(await sessions.endTenant(db, { tenantId: 'default' }, 'ended_by_operator', by, () => {})).to.equal(1);
    expect(await alive()).to.deep.equal([later.sid]);
  });

  it('does not end sessions that are opened during a long end of a tenant', async () => {
    const first = [await fixture.enter(), await fixture.enter()].map(({ grant }) => grant.sid);
    const { email } = await fixture.register();
    let later: string | undefined;
    const { sessions } = fixture.domain;
    const walk = sessions.endTenant.bind(sessions);
    // Between the statement that makes codes worthless and the first piece.
    Object.assign(fixture.context, {
      sessions: {
        ...sessions,
        async endTenant(...given: Parameters<typeof walk>) {
          later = (await fixture.redeem(await fixture.login(email))).sid;
          return walk(...given);
        },
      },
    });
    expect(await fixture.admin.endTenantSessions(actor(), 'default')).to.deep.equal({ ended: first.length });
    expect(await alive()).to.deep.equal([later]);
  });

  it('reports how many sessions an interrupted end of a tenant has ended', async () => {
    for (let n = 0; n < 3; n++) await fixture.enter();
    const { sessions, databaseClock } = fixture.domain;
    await fixture.domain.feed.stop();
    fixture.suspendedMs = 600_000;
    expect(databaseClock.latest()).to.be.below(Date.now());
    for (const walk of [
      () =>
        sessions.endTenant(
          database().db,
          { tenantId: 'default' },
          'ended_by_operator',
          { createdBefore: Date.now() },
          () => {},
        ),
      () => fixture.admin.updateTenant(actor(), 'default', { maxActiveMinutes: 1 }),
    ]) {
      const failure = await walk().catch((error: Error) => error);
      expect(failure).to.include({
        code: 'unavailable',
        message: 'Some sessions were not reached in time; 0 were. Try again.',
      });
    }
    expect(await alive()).to.have.length(3);
  });

  it('is refused after the wait for the lock of the row', async function () {
    if (database().kind === 'embedded') this.skip();
    const { grant } = await fixture.enter();
    const soon = () => ({ ...inTime(), until: Date.now() + 200 });
    for (const [table, work] of [
      ['sessions', () => fixture.flows.logout(grant.sid, 'session', soon())],
      ['users', () => fixture.flows.logout(grant.sid, 'all', soon())],
      ['tenants', () => fixture.admin.endTenantSessions(actor(soon()), 'default')],
    ] as const) {
      const before = await rows();
      let asked: Promise<string> | undefined;
      await database()
        .db.transaction()
        .execute(async (tx) => {
          await sql`SELECT FROM ${sql.table(table)} FOR NO KEY UPDATE`.execute(tx);
          asked = codeOf(work());
          await new Promise((resolve) => setTimeout(resolve, 500));
        });
      expect(await asked, table).to.equal('unavailable');
      expect(await rows(), table).to.equal(before);
    }
  });
});
