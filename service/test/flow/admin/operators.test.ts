import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import type { TenantUpdate } from '../../../src/domain/tenant/tenant.ts';
import type { Actor } from '../../../src/flow/admin/actor.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf } from '../actors.ts';
import { type Fixture, openFixture } from '../fixture.ts';

const backendOf = (tenantId: string | null) => actorOf({ backendId: 'b', tenantId, scopes: ['admin'] });
const operatorOf = (userId: string) => actorOf({ userId });

onEachDatabase('changes of operators', (database) => {
  let fixture: Fixture;

  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  async function newOperator(): Promise<string> {
    const { userId } = (await fixture.enter()).grant;
    await fixture.domain.operators.setOperator(database().db, userId, true);
    return userId;
  }
  const change = (actor: Actor, userId: string, wanted: { operator?: boolean; disabled?: boolean }) =>
    codeOf(fixture.admin.updateUser(actor, userId, wanted));
  const left = async () => {
    const { users } = await fixture.admin.listUsers(backendOf(null), { operator: true, disabled: false, limit: 50 });
    return users.map(({ id }) => id);
  };

  it('keep one of several operators who remove each other’s flag at once', async () => {
    for (const wanted of [{ operator: false }, { disabled: true }]) {
      const [first, second, third] = [await newOperator(), await newOperator(), await newOperator()];
      const before = await left();
      expect(before).to.include.members([first, second, third]);
      const outcomes = await Promise.all([
        change(operatorOf(first), second, wanted),
        change(operatorOf(second), third, wanted),
        change(operatorOf(third), first, wanted),
      ]);
      expect(outcomes.sort()).to.deep.equal(['done', 'done', 'forbidden']);
      expect(await left()).to.have.length(1);
      await emptyTables(database());
    }
  });

  it('keep the last operator for every actor and every requested change', async () => {
    const last = await newOperator();
    for (const wanted of [{ operator: false }, { disabled: true }, { operator: false, disabled: true }])
      expect(await change(backendOf(null), last, wanted)).to.equal('forbidden');
    expect(await left()).to.deep.equal([last]);
    expect((await fixture.domain.sessions.inspect([(await fixture.enter()).grant.sid]))[0]?.alive).to.equal(true);
    const other = await newOperator();
    expect(await change(operatorOf(other), last, { disabled: true })).to.equal('done');
    expect(await change(operatorOf(other), last, { operator: false })).to.equal('done');
    expect(await left()).to.deep.equal([other]);
  });

  it('let a backend of one tenant disable users, but no operators', async () => {
    const [operator] = [await newOperator(), await newOperator()];
    const { userId } = (await fixture.enter()).grant;
    const backend = backendOf('default');
    expect(await change(backend, operator, { disabled: true })).to.equal('forbidden');
    expect(await codeOf(fixture.admin.endUserSessions(backend, operator))).to.equal('forbidden');
    expect(await change(backend, userId, { disabled: true })).to.equal('done');
    expect(await change(backend, userId, { operator: true })).to.equal('forbidden');
  });

  describe('by a backend of one tenant', () => {
    const backend = backendOf('default');
    const isAlive = async (sid: string) => (await fixture.domain.sessions.inspect([sid]))[0]?.alive;

    async function newSessions() {
      const [operator, user] = [(await fixture.enter()).grant, (await fixture.enter()).grant];
      await fixture.domain.operators.setOperator(database().db, operator.userId, true);
      return { operator, user };
    }

    it('end no session of an operator, by its id, by the user or by the tenant', async () => {
      const { operator, user } = await newSessions();
      expect(await codeOf(fixture.admin.endSession(backend, operator.sid))).to.equal('forbidden');
      expect(await codeOf(fixture.admin.endUserSessions(backend, operator.userId))).to.equal('forbidden');
      expect(await fixture.admin.endTenantSessions(backend, 'default')).to.deep.equal({ ended: 1 });
      expect(await isAlive(operator.sid)).to.equal(true);
      expect(await isAlive(user.sid)).to.equal(false);
      expect(await fixture.admin.endTenantSessions(backendOf(null), 'default')).to.deep.equal({ ended: 1 });
      expect(await isAlive(operator.sid)).to.equal(false);
    });

    it('change neither how an operator of the tenant signs in nor how often', async () => {
      const changes: readonly TenantUpdate[] = [
        { emailSignIn: true },
        { emailVerification: 'required' },
        { maxSessions: 1 },
        { sessionLimit: 'refuse' },
        { maxActiveMinutes: 1 },
        { maxIdleMinutes: 1 },
      ];
      const update = (actor: Actor, id: string, change: TenantUpdate) =>
        codeOf(fixture.admin.updateTenant(actor, id, change));
      await newSessions();
      for (const change of changes) expect(await update(backend, 'default', change)).to.equal('forbidden');
      expect(await update(backend, 'default', { registrationOpen: true })).to.equal('done');
      expect(await update(backendOf(null), 'default', { maxSessions: 10 })).to.equal('done');
      expect(await update(backendOf(null), 'default', { maxSessions: null })).to.equal('done');
      await fixture.admin.createTenant(backendOf(null), { id: 'shop', name: 'Shop' });
      for (const change of [{ maxSessions: 1 }, { sessionLimit: 'refuse' }] as const)
        expect(await update(backendOf('shop'), 'shop', change)).to.equal('done');
    });
  });
});
