import type { AdminUser, CursorPage } from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import type { Credential } from '../test-kit/client/plain-backend.ts';
import { createPlainClient } from '../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { basicOf } from './admin/signed-in-user.ts';

/** A search among so many users: `SEARCH_USERS=1000000 npx mocha test/search.drill.ts`. */
const users = Number(process.env.SEARCH_USERS ?? 20_000);
const isLong = users >= 500_000;
const pageSize = 50;
const repetitions = 7;

describe('a search of users among many', function () {
  this.timeout(isLong ? 900_000 : 60_000);
  let cluster: Cluster;
  let service: ServiceProcess;
  let database: pg.Client;
  let credential: Credential;
  const lines: string[] = [];

  before(async () => {
    cluster = await createCluster();
    database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    service = await cluster.start();
    credential = await cluster.makeBackend('--scopes', 'admin');
    // A name in a thousand, a tenth with another domain, and one user at the very end of the list.
    await database.query(`INSERT INTO users (id, tenant_id, email, email_key, name, created_at)
      SELECT gen_random_uuid(), 'default', e, e, initcap(substr(md5(i::text), 1, 7)) || CASE WHEN i % 1000 = 0 THEN ' Quimby' ELSE '' END,
        now() - i * interval '1 second'
      FROM (SELECT i, 'user' || i || '@' || CASE WHEN i % 10 = 0 THEN 'shop.test' ELSE 'example.org' END AS e
        FROM generate_series(1, ${users}) i) u`);
    await database.query(`UPDATE users SET name = 'Zacharias Unique' WHERE email LIKE 'user${users - 1}@%'`);
    await database.query('VACUUM ANALYZE users');
  });
  after(async () => {
    await database?.end();
    await cluster?.stop();
    console.log(lines.map((line) => `      ${line}`).join('\n'));
  });

  async function search(text: string, cursor?: string) {
    const query = new URLSearchParams({ search: text, limit: String(pageSize), ...(cursor ? { cursor } : {}) });
    const began = performance.now();
    const answer = await createPlainClient({ url: service.url }).request<CursorPage<'users', AdminUser>>(
      'GET',
      `/admin/users?${query}`,
      undefined,
      basicOf(credential),
    );
    expect(answer.status).to.equal(200);
    return { ...answer.body, ms: performance.now() - began };
  }

  /** The first page of a search, and the median of its times. */
  async function measure(text: string) {
    const answers = [];
    for (let n = 0; n < repetitions; n += 1) answers.push(await search(text));
    const ms = answers.map((answer) => answer.ms).sort((a, b) => a - b)[Math.floor(repetitions / 2)]!;
    lines.push(`“${text}” among ${users} users: ${answers[0]!.users.length} found, ${ms.toFixed(1)} ms`);
    if (isLong) expect(ms, text).to.be.below(1_000);
    return answers[0]!;
  }

  it('finds one user at the end of the list, a name in a thousand, a common domain, and nothing', async () => {
    const [one] = (await measure('ias uni')).users;
    expect(one).to.include({ name: 'Zacharias Unique' });
    expect((await measure('quimby')).users).to.have.length(Math.min(pageSize, Math.floor(users / 1_000)));
    expect((await measure('example.org')).users).to.have.length(pageSize);
    expect((await measure('shop.test')).users).to.have.length(pageSize);
    expect(await measure('no such user')).to.deep.include({ users: [], next_cursor: null });
  });

  it('examines some thousand users a page where the index does not help', async () => {
    const first = await measure('zu');
    expect(first.users).to.deep.equal([]);
    expect(first.next_cursor).to.be.a('string');
  });

  it('finds the rest page by page, each user once', async () => {
    const found = new Set<string>();
    let count = 0;
    let cursor: string | undefined;
    do {
      const page = await search('quimby', cursor);
      for (const { id } of page.users) found.add(id);
      count += page.users.length;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(count).to.equal(Math.floor(users / 1_000));
    expect(found.size).to.equal(count);
  });
});
