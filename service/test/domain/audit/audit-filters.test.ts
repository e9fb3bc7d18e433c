import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { createAudit } from '../../../src/domain/audit/audits.ts';
import { onEachDatabase } from '../../databases.ts';

onEachDatabase('the filters of the audit', (database) => {
  const audit = createAudit();
  const sid = randomUUID();
  const userId = randomUUID();
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
  before(async () => {
    // Written in another order than that of their times, as transactions of different length do.
    for (const minute of [0, 2, 1, 3, 5, 4])
      await sql`INSERT INTO audit (at, action, sid, uid) VALUES (${at(minute)}, 'login', ${minute % 2 === 0 ? sid : null}::uuid,
        ${userId}::uuid)`.execute(database().db);
  });

  async function read(filter: Omit<Parameters<typeof audit.page>[1], 'limit'>): Promise<number[]> {
    const minutes: number[] = [];
    let cursor: string | undefined;
    do {
      const { rows, next } = await audit.page(database().db, { userId, ...filter, limit: 2, cursor });
      minutes.push(...rows.map((row) => row.at.getUTCMinutes()));
      cursor = next ?? undefined;
    } while (cursor !== undefined);
    return minutes;
  }

  it('finds what was written within a time, without its end, the newest first', async () => {
    expect(await read({ from: at(1), to: at(4) })).to.deep.equal([3, 2, 1]);
    expect(await read({ from: at(3) })).to.deep.equal([5, 4, 3]);
    expect(await read({ to: at(2) })).to.deep.equal([1, 0]);
    expect(await read({ from: at(6) })).to.deep.equal([]);
  });

  it('finds what happened to a session', async () => {
    expect(await read({ sid })).to.deep.equal([4, 2, 0]);
    expect(await read({ sid, from: at(1), to: at(4) })).to.deep.equal([2]);
    expect(await read({ sid: randomUUID() })).to.deep.equal([]);
  });
});
