import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { readPresentHashes } from '../../../../src/domain/user/hash/hash-cost-store.ts';
import { readHash } from '../../../../src/domain/user/hash/password-hash.ts';
import { insertUser } from '../../../../src/domain/user/user-store.ts';
import { emptyTables, onEachDatabase } from '../../../databases.ts';

const rest = 'c29tZXNhbHRzb21lc2FsdA$QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI';
const costs = [
  '$2a$10',
  '$2b$10',
  '$2b$12',
  '$argon2id$v=19$m=19456,t=2,p=1',
  '$argon2id$v=19$m=65536,t=3,p=4',
  '$digest-sha256$s=before',
  '$pbkdf2-sha256$i=100000,l=32',
  '$scrypt$ln=14,r=8,p=1',
];
const hashOf = (cost: string) =>
  cost.startsWith('$2') ? `${cost}$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK` : `${cost}$${rest}`;

onEachDatabase('readPresentHashes', (database) => {
  const db = () => database().db;
  beforeEach(() => emptyTables(database()));

  const add = (passwordHash: string) => {
    const email = `${randomUUID()}@example.org`;
    const user = { id: randomUUID(), tenantId: 'default', emailSkeleton: null, profile: {} };
    return insertUser(db(), { ...user, email, emailKey: email, passwordHash });
  };

  it('returns one hash of each cost, as readHash names it', async () => {
    expect(await readPresentHashes(db())).to.deep.equal([]);
    for (const cost of [...costs, ...costs]) await add(hashOf(cost));
    await add('unknown');
    const found = (await readPresentHashes(db())).map((hash) => readHash(hash)!.cost);
    expect(found.toSorted()).to.deep.equal(costs.toSorted());
  });

  it('jumps through the index', async () => {
    await db()
      .transaction()
      .execute(async (tx) => {
        await sql`SET LOCAL enable_seqscan = off`.execute(tx);
        const plan = await sql<Record<string, string>>`EXPLAIN SELECT 1 FROM users
        WHERE substring(password_hash from ${sql.lit(String.raw`^(\$2[aby]\$[0-9]{2}|\$.*(?=\$[^$]*\$[^$]*$))`)}) > '$'`.execute(
          tx,
        );
        expect(JSON.stringify(plan.rows)).to.contain('users_by_hash_cost');
      });
  });
});
