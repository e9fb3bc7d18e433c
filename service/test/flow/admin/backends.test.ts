import { backendScopes } from '@latchkey/contract';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf, backendActor } from '../actors.ts';
import { type Fixture, openFixture } from '../fixture.ts';

onEachDatabase('backends of operators', (database) => {
  let fixture: Fixture;

  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  it('names the tenant of a backend in each audit entry, also when an actor of all tenants removes it', async () => {
    const actor = actorOf({ backendId: 'whole', scopes: backendScopes });
    await fixture.admin.createBackend(actor, { id: 'app', name: 'App', tenantId: 'default' });
    await fixture.admin.rotateBackend(actor, 'app');
    await fixture.admin.removeBackend(actor, 'app');
    const { audit } = await fixture.admin.listAudit({ ...actor, tenantId: 'default' }, { limit: 3 });
    expect(audit.map(({ action, detail }) => [action, detail.change])).to.deep.equal([
      ['backend_changed', 'removed'],
      ['backend_changed', 'rotated'],
      ['backend_created', undefined],
    ]);
  });

  it('lets a backend of one tenant rotate and remove a disabled one of its own, and none of another', async () => {
    const own = actorOf({ backendId: 'own', tenantId: 'default' });
    for (const [id, tenantId] of [['mine', 'default'] as const, ['of-all', null] as const])
      await fixture.admin.createBackend(backendActor, { id, name: id, tenantId });
    await sql`UPDATE backends SET disabled_at = now()`.execute(database().db);
    for (const id of ['of-all', 'nobody'])
      for (const attempt of [fixture.admin.rotateBackend, fixture.admin.removeBackend])
        expect(await messageOf(attempt(own, id))).to.equal('There is no such backend.');
    const { backend } = await fixture.admin.rotateBackend(own, 'mine');
    expect(backend.disabled_at).to.be.a('string');
    expect(await fixture.admin.removeBackend(own, 'mine')).to.deep.equal({ removed: 'mine' });
    const { backends } = await fixture.admin.listBackends(backendActor, { limit: 10 });
    expect(backends.map(({ id }) => id)).to.deep.equal(['of-all']);
  });

  it('returns no secret with more rights than the actor’s own', async () => {
    const narrow = actorOf({ backendId: 'narrow', tenantId: 'default', scopes: ['admin', 'feed'] });
    await fixture.admin.createBackend(backendActor, { id: 'app', name: 'App', tenantId: 'default', scopes: ['relay'] });
    const refused = [
      () => fixture.admin.createBackend(narrow, { name: 'More', tenantId: 'default', scopes: ['feed', 'relay'] }),
      () => fixture.admin.createBackend(narrow, { name: 'Usual', tenantId: 'default' }),
      () => fixture.admin.rotateBackend(narrow, 'app'),
    ];
    for (const attempt of refused) expect(await codeOf(attempt())).to.equal('forbidden');
    const { backends } = await fixture.admin.listBackends(backendActor, { limit: 10 });
    expect(backends.map(({ id }) => id)).to.deep.equal(['app']);
    const made = await fixture.admin.createBackend(narrow, { name: 'Less', tenantId: 'default', scopes: ['feed'] });
    expect(made.backend.scopes).to.deep.equal(['feed']);
  });
});

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    ({ message }: Error) => message,
  );
