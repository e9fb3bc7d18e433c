import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { type MailServer, openMailServer } from '../../../test-kit/mail-server.ts';
import { type Cluster, createCluster } from '../../../test-kit/node/cluster.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createPostgresDatabase } from '../../src/db/postgres.ts';
import type { Database } from '../../src/db/types.ts';
import { createMailOutbox } from '../../src/domain/mail/mail-outbox.ts';
import { createSecrets } from '../../src/domain/secret/secrets.ts';

describe('mails of a node that is killed', function () {
  this.timeout(120_000);
  const clock = createSystemClock();
  let server: MailServer;
  let cluster: Cluster;
  let database: Database;

  before(async () => {
    server = await openMailServer();
    cluster = await createCluster({ LATCHKEY_SMTP_URL: server.url, LATCHKEY_MAIL_FROM: 'no-reply@bank.example' });
    database = createPostgresDatabase({ url: cluster.databaseUrl, poolSize: 2, clock, onError: () => {} });
    await database.open();
  });
  after(async () => {
    await database?.close();
    await cluster?.stop();
    await server.close();
  });

  it('are sent by another node, none is lost, and each has one Message-ID', async () => {
    const secrets = createSecrets(() => [cluster.env.LATCHKEY_SECRET!], { clock });
    secrets.load();
    const outbox = createMailOutbox({ secrets });
    const { db } = database;
    const count = async (condition: string) => {
      const { rows } = await sql<{
        n: number;
      }>`SELECT count(*)::int AS n FROM mails WHERE ${sql.raw(condition)}`.execute(db);
      return rows[0]!.n;
    };
    const recipients = Array.from({ length: 6 }, (_, at) => `user-${at}@example.org`);
    server.slowMs = 60_000;
    const first = await cluster.start();
    for (const recipient of recipients)
      await outbox.enqueue(db, { tenantId: 'default', recipient, template: 'password_changed', data: {} });
    await waitFor(() => server.busy() === 4, 20_000);
    first.kill('SIGKILL');
    await first.exited();
    expect([await count('leased_until IS NOT NULL'), await count('sent_at IS NOT NULL')]).deep.equal([4, 0]);
    // The leases end.
    await sql`UPDATE mails SET leased_until = clock_timestamp() WHERE leased_until IS NOT NULL`.execute(db);
    server.slowMs = 0;
    await cluster.start();
    await waitFor(async () => (await count('sent_at IS NOT NULL')) === 6, 30_000);
    expect([...new Set(server.received.flatMap(({ to }) => to))].sort()).deep.equal(recipients);
    for (const recipient of recipients) {
      const mails = server.received.filter(({ to }) => to.includes(recipient));
      expect(new Set(mails.map(({ messageId }) => messageId)), recipient).property('size', 1);
    }
  });
});
