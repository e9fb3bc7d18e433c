import { maxCredentialLength } from '@latchkey/contract';
import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { onEachDatabase } from '../databases.ts';
import { type House, openHouse } from './house.ts';

onEachDatabase('introspect', (database) => {
  let house: House;
  let claims: Record<string, unknown>;
  let more: Record<string, unknown>;
  beforeEach(async () => {
    [claims, more] = [{}, {}];
    house = await openHouse(database(), {
      hooks: { claim: () => claims, refresh: (payload, sign) => sign({ ...payload, ...more }) },
    });
  });
  afterEach(() => house.stop());

  async function ask(token: string) {
    const { backend, secret } = await house.rooms.backends.create(database().db, {
      name: 'App',
      scopes: ['introspect'],
    });
    return house.flows.introspect({ id: backend.id, secret }, token);
  }

  it('returns its own active and token_type, whatever claims a hook adds under these names', async () => {
    claims = { active: false, token_type: 'DPoP', role: 'teller' };
    const { accessToken, sid } = (await house.enter()).grant;
    expect(await ask(accessToken)).to.include({ active: true, token_type: 'Bearer', role: 'teller', sid });
    await house.flows.logout(sid, 'session');
    claims = { active: true };
    expect(await ask(accessToken)).to.deep.equal({ active: false });
  });

  it('accepts tokens with as many claims as hooks may add, at every endpoint', async () => {
    const full = (name: string) => ({ [name]: 'x'.repeat(4_096 - JSON.stringify({ [name]: '' }).length) });
    [claims, more] = [full('role'), full('place')];
    const { accessToken, sid } = (await house.enter()).grant;
    expect(accessToken.length).to.be.within(10_000, maxCredentialLength);
    expect(await ask(accessToken)).to.include({ active: true, sid });
    expect((await house.flows.authenticate(accessToken)).sid).to.equal(sid);
    await house.flows.revoke(accessToken);
    expect(await codeOf(house.flows.authenticate(accessToken))).to.equal('unauthenticated');
  });
});
