import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { listUsers, type UserQuery } from '../../../src/domain/user/user-list-store.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

onEachDatabase('a search of users', (database) => {
  const db = () => database().db;
  before(async () => {
    await emptyTables(database());
    // The oldest users are those that a search has to find behind many others.
    await add([
      ['Ann.Smith@bücher.example', 'Änne Schmidt'],
      ['bob@example.org', 'Robert 100% Sure'],
      ['carol_x@example.org', null],
      [null, 'Hook User'],
    ]);
    await sql`INSERT INTO users (id, tenant_id, email, email_key, name, created_at)
      SELECT gen_random_uuid(), 'default', 'user' || i || '@many.test', 'user' || i || '@many.test', 'Common Name', now() - i * interval '1 s'
      FROM generate_series(1, 10500) i`.execute(db());
  });

  async function add(users: readonly (readonly [email: string | null, name: string | null])[]): Promise<void> {
    for (const [at, [email, name]] of users.entries())
      await sql`INSERT INTO users (id, tenant_id, email, email_key, external_id, name, created_at)
        VALUES (gen_random_uuid(), 'default', ${email}, lower(${email}), ${email === null ? 'x7' : null}, ${name},
          now() - interval '1 day' - ${at} * interval '1 s')`.execute(db());
  }

  /** All that a search finds, and how many pages that took. */
  async function search(text: string, more: Partial<UserQuery> = {}) {
    const found: (string | null)[] = [];
    let pages = 0;
    let cursor: string | undefined;
    do {
      const { rows, next } = await listUsers(db(), { search: text, limit: 3, cursor, ...more });
      expect(rows.length).at.most(more.limit ?? 3);
      found.push(...rows.map(({ email, name }) => email ?? name));
      cursor = next ?? undefined;
      pages += 1;
    } while (cursor !== undefined && pages < 5_000);
    return { found, pages };
  }

  it('finds any part of an address or a name, whatever its case', async () => {
    const ann = ['Ann.Smith@bücher.example'];
    for (const text of ['ANN.smith', 'smith@b', 'cher.exam', 'chmid', 'Schmidt'])
      expect((await search(text)).found, text).to.deep.equal(ann);
    expect((await search('hook us')).found).to.deep.equal(['Hook User']);
    expect((await search('example.org')).found).to.deep.equal(['bob@example.org', 'carol_x@example.org']);
    expect((await search('nothing of the kind')).found).to.deep.equal([]);
  });

  it('takes the signs of patterns as they are', async () => {
    expect((await search('100%')).found).to.deep.equal(['bob@example.org']);
    expect((await search('carol_x')).found).to.deep.equal(['carol_x@example.org']);
    expect((await search('bob%org')).found).to.deep.equal([]);
    expect((await search('carol\\')).found).to.deep.equal([]);
  });

  it('finds what one or two letters are part of', async () => {
    expect((await search('ä')).found).to.have.length.at.most(1);
    expect((await search('@b')).found).to.deep.equal(['Ann.Smith@bücher.example']);
  });

  it('reads what many users have in their order, each once', async () => {
    const { found } = await search('common name', { limit: 100 });
    expect(found).to.have.length(10_500);
    expect(new Set(found)).to.have.property('size', 10_500);
    expect(found.slice(0, 3)).to.deep.equal(['user1@many.test', 'user2@many.test', 'user3@many.test']);
  });

  it('is narrowed by tenant, flag and the beginning of an address', async () => {
    expect((await search('example.org', { emailPrefix: 'bob' })).found).to.deep.equal(['bob@example.org']);
    expect((await search('example.org', { tenantId: 'other' })).found).to.deep.equal([]);
    expect((await search('example.org', { operator: true })).found).to.deep.equal([]);
  });

  it('needs no more than a page for the rest of a rare text with the index, and some without', async () => {
    const { rows } = await sql<{ found: boolean }>`SELECT to_regclass('users_by_text') IS NOT NULL AS found`.execute(
      db(),
    );
    const { pages } = await search('smith');
    expect(pages).to.equal(rows[0]!.found ? 1 : 3);
    expect(rows[0]!.found).to.equal(database().kind === 'postgres');
  });

  it('refuses a cursor that is none', async () => {
    expect(await codeOf(listUsers(db(), { search: 'x', limit: 3, cursor: 'none' }))).to.equal('invalid_request');
  });
});
