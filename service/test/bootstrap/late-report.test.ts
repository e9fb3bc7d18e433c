import { expect } from 'chai';
import { lateReport } from '../../src/bootstrap/job-table.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { tooLate } from '../deadlines.ts';
import { newKey, openHouse, peer, said } from '../flow/house.ts';

onEachDatabase('lateReport', (database) => {
  it('reports once a minute how many presentations were late, when these were more than 1 %', async () => {
    await emptyTables(database());
    const house = await openHouse(database());
    const lines: unknown[] = [];
    const { run, everyMs } = lateReport(house.rooms.tokens, { warn: (fields: unknown) => void lines.push(fields) });
    expect(everyMs).to.equal(60_000);
    const { grant } = await house.enter();
    await run();
    await house.present(grant.token, newKey());
    await run();
    expect(lines).to.deep.equal([]);
    const late = {
      credential: grant.token,
      rotationKey: newKey(),
      alsoRotationKeys: [],
      peer,
      isDisconnected: () => false,
    };
    expect(await said(house.flows.exchange(late, undefined, tooLate()))).to.equal('busy');
    await house.present(grant.token, newKey()).catch(() => {});
    await run();
    await run();
    expect(lines).to.deep.equal([{ late: 1, presented: 2 }]);
    await house.stop();
  });
});
