import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { onEachDatabase } from '../databases.ts';
import { type Fixture, newKey, openFixture, peer, verifier } from './fixture.ts';

onEachDatabase('exchange of a token', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  const show = (credential: string, more: object) =>
    codeOf(
      fixture.flows.exchange({
        credential,
        rotationKey: newKey(),
        alsoRotationKeys: [],
        peer,
        isDisconnected: () => false,
        ...more,
      }),
    );

  it('changes nothing on a connection of another session', async () => {
    const [one, other] = [await fixture.enter(), await fixture.enter()];
    const elsewhere = { expectedSid: one.grant.sid };
    expect(await show(other.grant.token, elsewhere)).to.equal('already_authenticated');
    expect((await fixture.present(other.grant.token, newKey())).generation, 'still the newest').to.equal(2);
    expect(await show(one.grant.token, elsewhere)).to.equal('done');
  });

  it('refuses a code verifier', async () => {
    const { grant } = await fixture.enter();
    expect(await show(grant.token, { codeVerifier: verifier })).to.equal('invalid_request');
    expect((await fixture.present(grant.token, newKey())).generation).to.equal(2);
  });
});
