import { maxCredentialLength } from '@latchkey/contract';
import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { onEachDatabase } from '../databases.ts';
import { type Fixture, openFixture } from './fixture.ts';

onEachDatabase('introspect', (database) => {
  let fixture: Fixture;
  let claims: Record<string, unknown>;
  let more: Record<string, unknown>;
  beforeEach(async () => {
    [claims, more] = [{}, {}];
    fixture = await openFixture(database(), {
      hooks: { claim: () => claims, refresh: (payload, sign) => sign({ ...payload, ...more }) },
    });
  });
  afterEach(() => fixture.stop());

  async function ask(token: string) {
    const { backend, secret } = await fixture.domain.backends.create(database().db, {
      name: 'App',
      scopes: ['introspect'],
    });
    return fixture.flows.introspect({ id: backend.id, secret }, token);
  }

  it('returns its own active and token_type, whatever claims a hook adds under these names', async () => {
    claims = { active: false, token_type: 'DPoP', role: 'teller' };
    const { accessToken, sid } = (await fixture.enter()).grant;
    expect(await ask(accessToken)).to.include({ active: true, token_type: 'Bearer', role: 'teller', sid });
    await fixture.flows.logout(sid, 'session');
    claims = { active: true };
    expect(await ask(accessToken)).to.deep.equal({ active: false });
  });

  it('accepts tokens with as many claims as hooks may add, at every endpoint', async () => {
    const full = (name: string) => ({ [name]: 'x'.repeat(4_096 - JSON.stringify({ [name]: '' }).length) });
    [claims, more] = [full('role'), full('place')];
    const { accessToken, sid } = (await fixture.enter()).grant;
    expect(accessToken.length).to.be.within(10_000, maxCredentialLength);
    expect(await ask(accessToken)).to.include({ active: true, sid });
    expect((await fixture.flows.authenticate(accessToken)).sid).to.equal(sid);
    await fixture.flows.revoke(accessToken);
    expect(await codeOf(fixture.flows.authenticate(accessToken))).to.equal('unauthenticated');
  });
});
