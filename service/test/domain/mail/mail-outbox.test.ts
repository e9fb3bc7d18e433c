import { randomBytes } from 'node:crypto';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import type { NewMail } from '../../../src/domain/mail/mail.ts';
import { createMailOutbox } from '../../../src/domain/mail/mail-outbox.ts';
import { createOneTimeTokens } from '../../../src/domain/one-time-token/one-time-tokens.ts';
import { createSecrets } from '../../../src/domain/secret/secrets.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

function newSecrets() {
  const secrets = createSecrets(() => [randomBytes(32).toString('base64url')], { clock: createSystemClock() });
  secrets.load();
  return secrets;
}

onEachDatabase('createMailOutbox', (database) => {
  const secrets = newSecrets();
  const outbox = createMailOutbox({ secrets });
  const db = () => database().db;
  const recipient = 'ann@example.org';
  beforeEach(() => emptyTables(database()));

  const enqueue = (given: Partial<NewMail> = {}) =>
    outbox.enqueue(db(), {
      tenantId: 'default',
      recipient,
      template: 'reset_password',
      data: { code: '123456' },
      ...given,
    });
  const endLeases = () =>
    sql`UPDATE mails SET leased_until = clock_timestamp(), next_try_at = clock_timestamp()`.execute(db());
  const rows = async () => {
    const { rows } = await sql<{ row: string }>`SELECT m::text AS row FROM mails m`.execute(db());
    return rows.map(({ row }) => row).join('\n');
  };

  it('sends nothing that was rolled back', async () => {
    const rolledBack = db()
      .transaction()
      .execute(async (tx) => {
        await outbox.enqueue(tx, { tenantId: 'default', recipient, template: 'test', data: {} });
        throw new Error('rolled back');
      });
    await rolledBack.catch(() => {});
    expect(await outbox.lease(db(), 10)).length(0);
  });

  it('gives a mail to one of two nodes at once', async () => {
    await enqueue();
    const leased = await Promise.all([outbox.lease(db(), 10), outbox.lease(db(), 10)]);
    expect(leased.flat()).length(1);
    expect(leased.flat()[0]).deep.include({
      recipient,
      template: 'reset_password',
      data: { code: '123456' },
      tries: 1,
    });
    expect(await outbox.lease(db(), 10)).length(0);
  });

  it('gives a mail to another node when the lease of a node that died has ended', async () => {
    await enqueue();
    const [first] = await outbox.lease(db(), 10);
    await endLeases();
    const [second] = await outbox.lease(db(), 10);
    expect(second).deep.equal({ ...first, tries: 2 });
  });

  it('erases address and data of a mail that was sent, or was refused for good', async () => {
    await enqueue();
    await enqueue();
    const [sent, refused] = await outbox.lease(db(), 10);
    await outbox.markSent(db(), sent!.id);
    await outbox.markFailed(db(), refused!.id, '550 no such mailbox');
    expect(await rows()).not.contain(recipient);
    await endLeases();
    expect(await outbox.lease(db(), 10)).length(0);
    const [failed, ...others] = (await outbox.listFailed(db(), { limit: 10 })).rows;
    expect(others).length(0);
    expect(failed).include({ id: refused!.id, failure: '550 no such mailbox', tenantId: 'default' });
  });

  it('tries again later, each time after about twice the time', async () => {
    await enqueue();
    const delays = [];
    for (let tries = 1; tries <= 4; tries++) {
      const [mail] = await outbox.lease(db(), 1);
      await outbox.retry(db(), mail!, 'the connection was refused');
      const { rows } = await sql<{ seconds: number }>`SELECT
        extract(epoch FROM next_try_at - clock_timestamp())::float8 AS seconds FROM mails`.execute(db());
      delays.push(rows[0]!.seconds);
      expect(await outbox.lease(db(), 1)).length(0);
      await endLeases();
    }
    for (const [index, seconds] of delays.entries())
      expect(seconds).within(10 * 2 ** index * 0.75 - 2, 10 * 2 ** index * 1.25);
  });

  it('gives up a mail whose link was used, or that has expired', async () => {
    const tokens = createOneTimeTokens({ secrets });
    const token = { purpose: 'verify_email', tenantId: 'default', email: recipient, emailKey: recipient } as const;
    const { tokenId, secret } = await tokens.issue(db(), token);
    await enqueue({ tokenId });
    await enqueue({ expiresAt: new Date(Date.now() - 1_000) });
    await tokens.consume(db(), await tokens.findBySecret(db(), secret, ['verify_email']));
    expect(await outbox.lease(db(), 10)).length(0);
    expect((await outbox.listFailed(db(), { limit: 10 })).rows.map(({ failure }) => failure)).deep.equal([
      'expired',
      'expired',
    ]);
    expect(await rows()).not.contain(recipient);
  });

  it('keeps a mail whose data is under a secret of other nodes', async () => {
    await enqueue();
    expect(await createMailOutbox({ secrets: newSecrets() }).lease(db(), 10)).length(0);
    await endLeases();
    expect(await outbox.lease(db(), 10)).length(1);
  });

  it('stores no link and no code in clear', async () => {
    await enqueue({ data: { secret: 'the-secret-of-the-link', code: '987654' } });
    const text = await rows();
    for (const plain of ['the-secret-of-the-link', '987654'])
      expect(text).not.contain(plain).not.contain(Buffer.from(plain).toString('hex'));
  });

  it('deletes what was sent a month ago', async () => {
    await enqueue();
    const [mail] = await outbox.lease(db(), 1);
    await outbox.markSent(db(), mail!.id);
    expect(await outbox.deleteOld(db())).equal(0);
    await sql`UPDATE mails SET created_at = created_at - interval '31 days'`.execute(db());
    expect(await outbox.deleteOld(db())).equal(1);
  });
});
