import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { Db } from '../../../src/db/schema.ts';
import { createBackends } from '../../../src/domain/backend/backends.ts';

describe('presented secrets', () => {
  it('are looked up a few at a time, so that other requests get a connection', async () => {
    const backends = createBackends();
    let [running, most] = [0, 0];
    const connection = {
      async executeQuery() {
        running += 1;
        most = Math.max(most, running);
        await sleep(1);
        running -= 1;
        return { rows: [] };
      },
    };
    class Counting extends DummyDriver {
      override acquireConnection = async () => connection as never;
    }
    const db = new Kysely({
      dialect: {
        createDriver: () => new Counting(),
        createAdapter: () => new PostgresAdapter(),
        createIntrospector: (kysely) => new PostgresIntrospector(kysely),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    }) as unknown as Db;
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, (_, at) => backends.authenticate(db, `guess-${at}`, 'x')),
    );
    expect(new Set(verdicts)).to.deep.equal(new Set(['unknown']));
    expect(most).to.equal(2);
  });
});
