import { expect } from 'chai';
import type { Actor } from '../../../src/flow/admin/actor.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { type House, openHouse } from '../house.ts';

onEachDatabase('backends of operators', (database) => {
  let house: House;

  beforeEach(async () => {
    await emptyTables(database());
    house = await openHouse(database());
  });
  afterEach(() => house.stop());

  it('names the tenant of a backend in each line of the audit, also when an actor of all tenants removes it', async () => {
    const actor: Actor = { userId: null, backendId: 'whole', tenantId: null, addressPrefix: null };
    await house.admin.createBackend(actor, { id: 'app', name: 'App', tenantId: 'default' });
    await house.admin.rotateBackend(actor, 'app');
    await house.admin.removeBackend(actor, 'app');
    const { audit } = await house.admin.listAudit({ ...actor, tenantId: 'default' }, { limit: 3 });
    expect(audit.map(({ action, detail }) => [action, detail.change])).to.deep.equal([
      ['backend_changed', 'removed'],
      ['backend_changed', 'rotated'],
      ['backend_created', undefined],
    ]);
  });
});
