import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { age, type Fixture, newKey, openFixture } from './fixture.ts';

onEachDatabase('alarms', (database) => {
  let fixture: Fixture;

  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  it('are one log line with ids and generations when a replaced token is presented again', async () => {
    const { grant } = await fixture.enter();
    const second = await fixture.present(grant.token, newKey());
    await fixture.present(second.token, newKey());
    await age(database(), grant.sid, 3_600);
    expect(await codeOf(fixture.present(grant.token, newKey()))).to.equal('token_reused');
    expect(await codeOf(fixture.present(grant.token, newKey()))).to.equal('session_revoked');
    expect(fixture.warnings).to.have.length(1);
    expect(fixture.warnings[0]).to.deep.include({
      ...{ error: 'token_reused', session_id: grant.sid, user_id: grant.userId, tenant_id: 'default' },
      ...{ generation: 1, newest: 3 },
    });
    expect(JSON.stringify(fixture.warnings)).to.not.include(grant.token);
  });

  it('are one log line when a redeemed code is presented again with another key', async () => {
    const { grant, code } = await fixture.enter();
    expect(await codeOf(fixture.redeem(code, newKey()))).to.equal('code_used');
    expect(fixture.warnings).to.have.length(1);
    expect(fixture.warnings[0]).to.deep.include({ error: 'code_used', session_id: grant.sid, user_id: grant.userId });
  });
});
