import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { type Fixture, openFixture, peer } from '../fixture.ts';

onEachDatabase('updateProfile', (database) => {
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
  const profile = { name: 'Ann Ä.', picture: 'https://a.test/p.png', locale: 'de-AT' };

  it('changes what is given, and clears what is null', async () => {
    const { caller, email } = await enter();
    const { flows } = fixture;
    const empty = { email, email_verified: false, name: null, picture: null, locale: null, user_metadata: {} };
    expect(await flows.getCurrentUser(caller)).deep.include(empty);
    const changed = await flows.updateProfile(caller, { ...profile, userMetadata: { theme: ['dark', null] } }, peer);
    expect(changed).deep.include({ ...profile, user_metadata: { theme: ['dark', null] }, profile: {} });
    expect(await flows.updateProfile(caller, { name: null }, peer)).deep.include({ ...profile, name: null });
    await flows.updateProfile(caller, { userMetadata: {} }, peer);
    expect(await flows.getCurrentUser(caller)).deep.include({ ...empty, ...profile, name: null });
  });

  it('writes neither the profile of the sign-up nor the metadata of administrators', async () => {
    const { caller } = await enter();
    await sql`UPDATE users SET profile = '{"a":1}', app_metadata = '{"roles":["a"]}'`.execute(database().db);
    await fixture.flows.updateProfile(caller, { userMetadata: { roles: ['b'] } }, peer);
    expect(await fixture.domain.users.find(database().db, caller.userId)).deep.include({
      ...{ profile: { a: 1 }, appMetadata: { roles: ['a'] }, userMetadata: { roles: ['b'] } },
    });
  });

  it('writes the names of the fields into the audit, and no value', async () => {
    const { caller } = await enter();
    await fixture.flows.updateProfile(caller, profile, peer);
    const { rows } = await fixture.context.audit.list(database().db, {
      userId: caller.userId,
      action: 'profile_changed',
    });
    expect(rows).length(1);
    expect(rows[0]).deep.include({ sid: caller.sid, detail: { fields: 'name picture locale' } });
    expect(JSON.stringify(rows)).not.include('Ann');
  });

  it('refuses the 31st change in a minute', async () => {
    const { caller } = await enter();
    const change = () => codeOf(fixture.flows.updateProfile(caller, { locale: 'de' }, peer));
    for (let i = 0; i < 30; i++) expect(await change()).equal('done');
    expect(await change()).equal('rate_limited');
  });

  it('leaves other users', async () => {
    const [{ caller }, other] = [await enter(), await enter()];
    await fixture.flows.updateProfile(caller, profile, peer);
    expect(await fixture.flows.getCurrentUser(other.caller)).include({ name: null, picture: null, locale: null });
  });
});
