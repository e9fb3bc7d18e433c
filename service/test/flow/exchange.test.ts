import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { onEachDatabase } from '../databases.ts';
import { type House, newKey, openHouse, peer, verifier } from './house.ts';

onEachDatabase('exchange of a token', (database) => {
  let house: House;
  beforeEach(async () => {
    house = await openHouse(database());
  });
  afterEach(() => house.stop());

  const show = (credential: string, more: object) =>
    codeOf(
      house.flows.exchange({
        credential,
        rotationKey: newKey(),
        alsoRotationKeys: [],
        peer,
        isDisconnected: () => false,
        ...more,
      }),
    );

  it('changes nothing on a connection of another session', async () => {
    const [one, other] = [await house.enter(), await house.enter()];
    const elsewhere = { expectedSid: one.grant.sid };
    expect(await show(other.grant.token, elsewhere)).to.equal('already_authenticated');
    expect((await house.present(other.grant.token, newKey())).generation, 'still the newest').to.equal(2);
    expect(await show(one.grant.token, elsewhere)).to.equal('done');
  });

  it('refuses a code verifier', async () => {
    const { grant } = await house.enter();
    expect(await show(grant.token, { codeVerifier: verifier })).to.equal('invalid_request');
    expect((await house.present(grant.token, newKey())).generation).to.equal(2);
  });
});
