import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import type { Actor } from '../../../src/flow/admin/actor.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf } from '../actors.ts';
import { type House, openHouse } from '../house.ts';

const backendOf = (tenantId: string | null) => actorOf({ backendId: 'b', tenantId, scopes: ['admin'] });
const operatorOf = (userId: string) => actorOf({ userId });

onEachDatabase('changes of operators', (database) => {
  let house: House;

  beforeEach(async () => {
    await emptyTables(database());
    house = await openHouse(database());
  });
  afterEach(() => house.stop());

  async function newOperator(): Promise<string> {
    const { userId } = (await house.enter()).grant;
    await house.rooms.operators.setOperator(database().db, userId, true);
    return userId;
  }
  const change = (actor: Actor, userId: string, wanted: { operator?: boolean; disabled?: boolean }) =>
    codeOf(house.admin.updateUser(actor, userId, wanted));
  const left = async () => {
    const { users } = await house.admin.listUsers(backendOf(null), { operator: true, disabled: false, limit: 50 });
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
    expect((await house.rooms.sessions.inspect([(await house.enter()).grant.sid]))[0]?.alive).to.equal(true);
    const other = await newOperator();
    expect(await change(operatorOf(other), last, { disabled: true })).to.equal('done');
    expect(await change(operatorOf(other), last, { operator: false })).to.equal('done');
    expect(await left()).to.deep.equal([other]);
  });

  it('let a backend of one tenant disable users, but no operators', async () => {
    const [operator] = [await newOperator(), await newOperator()];
    const { userId } = (await house.enter()).grant;
    const backend = backendOf('default');
    expect(await change(backend, operator, { disabled: true })).to.equal('forbidden');
    expect(await codeOf(house.admin.endUserSessions(backend, operator))).to.equal('done');
    expect(await change(backend, userId, { disabled: true })).to.equal('done');
    expect(await change(backend, userId, { operator: true })).to.equal('forbidden');
  });
});
