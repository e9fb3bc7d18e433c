import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf } from '../actors.ts';
import { type Fixture, openFixture, peer } from '../fixture.ts';

onEachDatabase('the data of an account', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  async function enter() {
    const entered = await fixture.enter();
    return { ...entered, caller: await fixture.flows.authenticate(entered.grant.accessToken) };
  }

  it('are exported with sessions and activity, and without hashes and other users', async () => {
    const [{ caller, email, grant }, other] = [await enter(), await enter()];
    await fixture.flows.updateProfile(caller, { name: 'Ann', userMetadata: { theme: 'dark' } }, peer);
    const exported = await fixture.flows.exportAccount(caller, peer);
    expect(Object.keys(exported)).deep.equal(['user', 'sessions', 'activity']);
    expect(exported.user).deep.include({
      ...{ id: caller.userId, email, email_verified: false, name: 'Ann', user_metadata: { theme: 'dark' } },
      ...{ external_id: null, app_metadata: {}, profile: {} },
    });
    expect(exported.sessions.map(({ id }) => id)).deep.equal([grant.sid]);
    const actions = exported.activity.map(({ action }) => action);
    expect(actions.filter((action) => action !== 'claims_recomputed')).deep.equal([
      ...['account_exported', 'profile_changed', 'login', 'register'],
    ]);
    for (const hidden of [other.grant.userId, other.email, '$argon2', 'password_hash', 'emailKey'])
      expect(JSON.stringify(exported)).not.include(hidden);
  });

  it('need a sign-in within five minutes to be exported', async () => {
    const { caller } = await enter();
    const signedIn = (secondsAgo: number) => ({ ...caller, authTime: caller.authTime - secondsAgo });
    expect(await codeOf(fixture.flows.exportAccount(signedIn(5 * 60 + 2), peer))).equal('reauthentication_required');
    await fixture.flows.exportAccount(signedIn(4 * 60), peer);
  });

  it('are exported ten times an hour', async () => {
    const { caller } = await enter();
    for (let exported = 0; exported < 10; exported++) await fixture.flows.exportAccount(caller, peer);
    expect(await codeOf(fixture.flows.exportAccount(caller, peer))).equal('rate_limited');
    const { rows } = await fixture.domain.audit.list(database().db, {
      ...{ userId: caller.userId, action: 'account_exported' },
    });
    expect(rows).length(10);
  });

  it('list activity in pages, newest first', async () => {
    const { caller } = await enter();
    const first = await fixture.flows.listActivity(caller, { limit: 1 });
    expect(first.activity[0]).deep.include({ action: 'login', session_id: caller.sid, address_prefix: '192.0.2.0/24' });
    const second = await fixture.flows.listActivity(caller, { limit: 1, cursor: first.next_cursor! });
    expect(second.activity[0]).include({ action: 'register', by_administrator: false });
    expect(second.next_cursor).equal(null);
    expect(await codeOf(fixture.flows.listActivity(caller, { limit: 1, cursor: '!' }))).equal('invalid_request');
  });

  it('show what an administrator did, and neither its id nor its network', async () => {
    const [{ caller }, operator] = [await enter(), await enter()];
    const userId = operator.grant.userId;
    await fixture.domain.operators.setOperator(database().db, userId, true);
    for (const [facts, disabled] of [
      [{ userId }, true],
      [{ backendId: 'shop' }, false],
      [{}, true],
    ] as const) {
      const actor = actorOf({ ...facts, addressPrefix: '198.51.100.0/24' });
      await fixture.admin.updateUser(actor, caller.userId, { disabled });
    }
    const { activity } = await fixture.flows.listActivity(caller, { limit: 3 });
    expect(activity.map(({ action }) => action)).deep.equal(['user_disabled', 'user_enabled', 'user_disabled']);
    for (const row of activity) expect(row).include({ by_administrator: true, address_prefix: null });
    expect(activity.map(({ detail }) => detail)).deep.equal([{ by: 'command line' }, {}, {}]);
    for (const hidden of [userId, 'shop', '198.51.100']) expect(JSON.stringify(activity)).not.include(hidden);
  });
});
