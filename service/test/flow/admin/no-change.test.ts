import { expect } from 'chai';
import { runOwnerCall } from '../../../src/cli/owner-calls.ts';
import { commandLineActor } from '../../../src/flow/admin/actor.ts';
import type { UserUpdate } from '../../../src/flow/admin/update-user.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { backendActor } from '../actors.ts';
import { type Fixture, openFixture, peer } from '../fixture.ts';

onEachDatabase('the audit of a change that changes nothing', (database) => {
  let fixture: Fixture;
  const db = () => database().db;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  /** What two runs of the same change write, the newest last. The hook `claim` runs each time, which has entries of its own. */
  async function recordTwice(change: () => Promise<unknown>) {
    const read = async () =>
      (await fixture.domain.audit.list(db())).rows.filter(({ action }) => action !== 'claims_recomputed').toReversed();
    const { length } = await read();
    await change();
    const once = await read();
    await change();
    const twice = await read();
    expect(twice.slice(once.length).map(({ action }) => action)).to.deep.equal([]);
    return once
      .slice(length)
      .map(({ action, detail }) => [action, detail.fields ?? detail.of].filter(Boolean).join(' '));
  }

  it('has one entry for a user who is changed twice in the same way', async () => {
    const { userId } = (await fixture.enter()).grant;
    const update = (change: UserUpdate) => () => fixture.admin.updateUser(backendActor, userId, change);
    // The command line may take the flag from the last operator.
    await fixture.enter().then(({ grant }) => fixture.domain.operators.setOperator(db(), grant.userId, true));
    const changes: readonly (readonly [UserUpdate, string[]])[] = [
      [{ operator: false }, []],
      [{ operator: true }, ['operator_added']],
      [{ operator: false }, ['operator_removed']],
      [{ disabled: false }, []],
      [{ disabled: true }, ['user_disabled']],
      [{ disabled: false }, ['user_enabled']],
      [{ passwordChangeRequired: true }, ['user_changed password_change_required']],
      [{ name: 'Ann', picture: null, userMetadata: { a: 1, b: [2] } }, ['user_changed name user_metadata']],
      [{ name: 'Ann', locale: 'de', userMetadata: { b: [2], a: 1 } }, ['user_changed locale']],
      [{ emailVerified: true }, ['user_changed email_verified']],
    ];
    for (const [change, expected] of changes)
      expect(await recordTwice(update(change)), JSON.stringify(change)).to.deep.equal(expected);
  });

  it('has one entry for the operator flag that the command line sets twice', async () => {
    const { userId: id } = (await fixture.enter()).grant;
    const { domain, admin } = fixture;
    const deps = {
      ...{ ...domain, db: db(), admin, actor: () => commandLineActor(domain.databaseClock) },
      ...{ sendTestMail: async () => ({ sent_to: '', answer: '' }), startKeys: async () => {} },
    };
    const set = (operator: boolean) => () => runOwnerCall(deps, 'setOperator', { id, operator });
    expect(await recordTwice(set(false))).to.deep.equal([]);
    expect(await recordTwice(set(true))).to.deep.equal(['operator_added']);
    expect(await recordTwice(set(false))).to.deep.equal(['operator_removed']);
  });

  it('has one entry for a tenant that is changed twice in the same way', async () => {
    await fixture.admin.createTenant(backendActor, { id: 'shop', name: 'Shop' });
    const { admin } = fixture;
    const update = (change: object) => () => admin.updateTenant(backendActor, 'shop', change);
    expect(await recordTwice(update({ name: 'Shop', registrationOpen: false }))).to.deep.equal([]);
    expect(await recordTwice(update({ name: 'The Shop', allowedDomains: [] }))).to.deep.equal(['tenant_changed']);
    expect(await recordTwice(update({ maxActiveMinutes: 60 }))).to.deep.equal(['tenant_changed']);
    expect(await recordTwice(update({ disabled: true }))).to.deep.equal(['tenant_changed']);
    expect(await recordTwice(update({ disabled: false }))).to.deep.equal(['tenant_changed']);
    const setBrand = () => admin.setBrand(backendActor, 'shop', { name: 'Shop', colour: '#204080' });
    expect(await recordTwice(setBrand)).to.deep.equal(['tenant_changed brand']);
    expect(await recordTwice(() => admin.removeBrand(backendActor, 'shop'))).to.deep.equal(['tenant_changed brand']);
  });

  it('has one entry for a profile that its user stores twice', async () => {
    const { grant } = await fixture.enter();
    const caller = await fixture.flows.authenticate(grant.accessToken);
    const store = () => fixture.flows.updateProfile(caller, { name: 'Ann', locale: null }, peer);
    expect(await recordTwice(store)).to.deep.equal(['profile_changed name']);
  });
});
