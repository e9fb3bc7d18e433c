import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { age, type House, newKey, openHouse } from './house.ts';

onEachDatabase('alarms', (database) => {
  let house: House;

  beforeEach(async () => {
    await emptyTables(database());
    house = await openHouse(database());
  });
  afterEach(() => house.stop());

  it('are one log line with ids and generations when a replaced token is presented again', async () => {
    const { grant } = await house.enter();
    const second = await house.present(grant.token, newKey());
    await house.present(second.token, newKey());
    await age(database(), grant.sid, 3_600);
    expect(await codeOf(house.present(grant.token, newKey()))).to.equal('token_reused');
    expect(await codeOf(house.present(grant.token, newKey()))).to.equal('session_revoked');
    expect(house.warnings).to.have.length(1);
    expect(house.warnings[0]).to.deep.include({
      ...{ error: 'token_reused', session_id: grant.sid, user_id: grant.userId, tenant_id: 'default' },
      ...{ generation: 1, newest: 3 },
    });
    expect(JSON.stringify(house.warnings)).to.not.include(grant.token);
  });

  it('are one log line when a redeemed code is presented again with another key', async () => {
    const { grant, code } = await house.enter();
    expect(await codeOf(house.redeem(code, newKey()))).to.equal('code_used');
    expect(house.warnings).to.have.length(1);
    expect(house.warnings[0]).to.deep.include({ error: 'code_used', session_id: grant.sid, user_id: grant.userId });
  });
});
