import { maxCredentialLength } from '@latchkey/contract';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import type { Claims } from '../../src/hook/hook.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { userOf } from '../user.ts';
import { mailFixture, newTicket } from './account/mail-fixture.ts';
import { type Fixture, newKey, openFixture, peer } from './fixture.ts';

onEachDatabase('the claims of a session', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  let fails = false;
  let own: Claims = {};
  let more: Claims = {};
  beforeEach(async () => {
    await emptyTables(database());
    fails = false;
    own = {};
    more = {};
    fixture = await openFixture(database(), {
      hooks: {
        claim: () => {
          if (fails) throw new Error('the hook fails');
          return own;
        },
        refresh: (payload, sign) => sign({ ...payload, ...more }),
      },
    });
    mailed = mailFixture(fixture, database());
  });
  afterEach(() => fixture.stop());

  async function enter() {
    const entered = await fixture.enter();
    return { ...entered, caller: await mailed.caller(entered.grant.accessToken) };
  }
  const refreshed = async (sid: string) => {
    const { accessToken } = await fixture.flows.refresh(sid);
    return { accessToken, claims: (await mailed.caller(accessToken)).claims };
  };
  const profile = { name: 'Ann', picture: 'https://a.test/p.png', locale: 'de-AT' };

  it('are the address, and of the profile what is set', async () => {
    const { email, grant, caller } = await enter();
    expect(grant.claims).deep.equal({ email, email_verified: false });
    expect(caller.claims).deep.include({ email, email_verified: false });
    expect(caller.claims).not.have.any.keys('name', 'picture', 'locale');
    await fixture.flows.updateProfile(caller, profile, peer);
    expect((await refreshed(grant.sid)).claims).deep.include({ email, email_verified: false, ...profile });
    await fixture.flows.updateProfile(caller, { picture: null }, peer);
    expect((await refreshed(grant.sid)).claims).not.have.property('picture');
    const next = await fixture.redeem(await fixture.login(email), newKey());
    expect(next.claims).deep.equal({ email, email_verified: false, name: profile.name, locale: profile.locale });
    expect(fixture.errors).deep.equal([]);
  });

  it('let the hook replace the name, and never the address', async () => {
    own = { name: 'of the hook', email: 'other@example.org', email_verified: true, role: 'clerk' };
    const { email, grant, caller } = await enter();
    await fixture.flows.updateProfile(caller, profile, peer);
    more = { email: 'other@example.org', email_verified: true };
    const expected = { email, email_verified: false, name: 'of the hook', picture: profile.picture, role: 'clerk' };
    expect((await refreshed(grant.sid)).claims).deep.include(expected);
  });

  it('fit into an access token with the longest claims of hooks', async () => {
    const { grant, caller } = await enter();
    own = { a: 'x'.repeat(4_096 - '{"a":""}'.length) };
    more = { b: 'x'.repeat(4_096 - '{"b":""}'.length) };
    const longest = { name: '😀'.repeat(200), picture: `https://a.test/${'x'.repeat(2_033)}`, locale: 'de' };
    await fixture.flows.updateProfile(caller, longest, peer);
    const { accessToken, claims } = await refreshed(grant.sid);
    expect(accessToken.length).within(11_000, maxCredentialLength);
    expect(claims).include({ locale: 'de', a: own.a, b: more.b });
    expect(claims).not.have.any.keys('picture', 'name');
    own = {};
    await fixture.flows.recomputeClaims(grant.userId);
    expect((await refreshed(grant.sid)).claims).include(longest);
  });

  it('change with the next access token when the address is verified or changed', async () => {
    const { email, grant, caller } = await enter();
    const { flows } = fixture;
    await flows.requestVerification(caller, peer);
    await flows.verifyEmailOfCaller(caller, { code: (await mailed.mail()).data.code! }, peer);
    expect((await refreshed(grant.sid)).claims).include({ email, email_verified: true });
    const password = 'a quite long password';
    await flows.requestEmailChange(caller, { email: 'new@example.org', currentPassword: password }, peer);
    await flows.verifyEmailChange(caller, { code: (await mailed.mail()).data.code! }, peer);
    expect((await refreshed(grant.sid)).claims).include({ email: 'new@example.org', email_verified: true });
  });

  it('change in the sessions of before when a sign-up is verified later', async () => {
    await mailed.setTenant({ email_verification: 'optional' });
    const ticket = newTicket();
    const first = await mailed.redeem(await mailed.signUp('ann@example.org', ticket));
    const { data } = await mailed.mail();
    await fixture.flows.verifyEmail({ proof: { ticket, code: data.code! }, codeChallenge: 'x'.repeat(43) }, peer);
    expect((await refreshed(first.sid)).claims).include({ email_verified: true });
  });

  it('stay as they were where the hook fails, and the profile is changed', async () => {
    const { grant, caller } = await enter();
    fails = true;
    expect(await fixture.flows.updateProfile(caller, { name: 'Ann' }, peer)).include({ name: 'Ann' });
    expect((await refreshed(grant.sid)).claims).not.have.property('name');
    expect(fixture.errors).length(1);
    fails = false;
    await fixture.flows.recomputeClaims(grant.userId);
    expect((await refreshed(grant.sid)).claims).include({ name: 'Ann' });
  });

  it('are none of an address where there is none', async () => {
    const { id } = userOf();
    await sql`INSERT INTO users (id, tenant_id, external_id) VALUES (${id}::uuid, 'default', 'x')`.execute(
      database().db,
    );
    expect(await codeOf(fixture.flows.recomputeClaims(id))).equal('done');
  });
});
