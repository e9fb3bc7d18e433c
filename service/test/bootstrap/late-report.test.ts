import { expect } from 'chai';
import { lateReport } from '../../src/bootstrap/job-table.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { tooLate } from '../deadlines.ts';
import { newKey, openFixture, peer, said } from '../flow/fixture.ts';

onEachDatabase('lateReport', (database) => {
  it('reports once a minute how many presentations were late, when these were more than 1 %', async () => {
    await emptyTables(database());
    const fixture = await openFixture(database());
    const lines: unknown[] = [];
    const { run, everyMs } = lateReport(fixture.domain.tokens, { warn: (fields: unknown) => void lines.push(fields) });
    expect(everyMs).to.equal(60_000);
    const { grant } = await fixture.enter();
    await run();
    await fixture.present(grant.token, newKey());
    await run();
    expect(lines).to.deep.equal([]);
    const late = {
      credential: grant.token,
      rotationKey: newKey(),
      alsoRotationKeys: [],
      peer,
      isDisconnected: () => false,
    };
    expect(await said(fixture.flows.exchange(late, undefined, tooLate()))).to.equal('busy');
    await fixture.present(grant.token, newKey()).catch(() => {});
    await run();
    await run();
    expect(lines).to.deep.equal([{ late: 1, presented: 2 }]);
    await fixture.stop();
  });
});
