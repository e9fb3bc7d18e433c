import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
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
    expect(await codeOf(fixture.admin.endUserSessions(backend, operator))).to.equal('done');
    expect(await change(backend, userId, { disabled: true })).to.equal('done');
    expect(await change(backend, userId, { operator: true })).to.equal('forbidden');
  });
});
