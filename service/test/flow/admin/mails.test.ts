import { randomUUID } from 'node:crypto';
import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf } from '../actors.ts';
import { type Fixture, openFixture } from '../fixture.ts';

onEachDatabase('listFailedMails', (database) => {
  let fixture: Fixture;
  const db = () => database().db;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  it('shows mails that failed, to a backend of one tenant its own, and no address', async () => {
    const { mailOutbox, tenants } = fixture.domain;
    await tenants.create(db(), { id: 'bank', name: 'Bank' });
    for (const tenantId of ['default', 'bank'])
      await mailOutbox.enqueue(db(), { tenantId, recipient: 'ann@example.org', template: 'test', data: {} });
    for (const { id } of await mailOutbox.lease(db(), 10)) await mailOutbox.markFailed(db(), id, '550 at RCPT TO');
    const list = async (actor: Parameters<typeof fixture.admin.listFailedMails>[0], tenantId?: string) =>
      (await fixture.admin.listFailedMails(actor, { limit: 10, tenantId })).mails;
    const operator = actorOf({ userId: randomUUID() });
    const backend = actorOf({ backendId: 'bank', tenantId: 'bank' });
    expect((await list(operator)).map(({ tenant_id }) => tenant_id).sort()).deep.equal(['bank', 'default']);
    expect(await list(operator, 'default')).length(1);
    const own = await list(backend);
    expect(own).length(1);
    expect(own[0]).include({ tenant_id: 'bank', template: 'test', tries: 1, failure: '550 at RCPT TO', user_id: null });
    expect(JSON.stringify(own)).not.contain('ann@example.org');
    const refused = await list(backend, 'default').catch((error: unknown) => error);
    expect(refused).instanceOf(Failure).include({ code: 'tenant_unknown' });
  });
});
