import { expect } from 'chai';
import { createJobTable } from '../../src/bootstrap/job-table.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { type House, openHouse } from '../flow/house.ts';

onEachDatabase('createJobTable', (database) => {
  let house: House;
  const db = () => database().db;
  beforeEach(async () => {
    await emptyTables(database());
    house = await openHouse(database());
  });
  afterEach(() => house.stop());

  it('runs each job more than once', async () => {
    for (const { run } of [1, 2].flatMap(() => createJobTable(house.rooms, database(), house.config))) await run();
  });

  it('counts live sessions often enough for each minute', async () => {
    await house.enter();
    const counting = createJobTable(house.rooms, database(), house.config).find(
      ({ name }) => name === 'count live sessions',
    );
    expect(counting!.everyMs).at.most(30_000);
    await counting!.run();
    expect(await db().selectFrom('traffic').select('sessions').where('sessions', 'is not', null).execute()).deep.equal([
      { sessions: 1 },
    ]);
  });
});
