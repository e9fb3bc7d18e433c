import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { type MailServer, openMailServer } from '../../../test-kit/mail-server.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createMail } from '../../src/bootstrap/create-mail.ts';
import { createConfig } from '../../src/config/config.ts';
import type { NewMail } from '../../src/domain/mail/mail.ts';
import { createMailOutbox } from '../../src/domain/mail/mail-outbox.ts';
import { createSecrets } from '../../src/domain/secret/secrets.ts';
import type { HookFunctions } from '../../src/hook/hook.ts';
import { createHooks } from '../../src/hook/hooks.ts';
import { ownLinkTargets } from '../../src/mail/mail-links.ts';
import { createServiceCauses } from '../../src/ops/causes.ts';
import type { ServiceLogger } from '../../src/ops/logger.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';

const clock = createSystemClock();
const secrets = createSecrets(() => [randomBytes(32).toString('base64url')], { clock });
secrets.load();
const outbox = createMailOutbox({ secrets });
const publicUrl = 'https://id.example';

onEachDatabase('createMailSender', (database) => {
  let server: MailServer;
  let stops: (() => Promise<unknown>)[] = [];
  let lines: object[] = [];
  let errors: unknown[] = [];
  const db = () => database().db;

  beforeEach(async () => {
    await emptyTables(database());
    server = await openMailServer({ password: 'pass/word' });
    [stops, lines, errors] = [[], [], []];
  });
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    await server.close();
    expect(errors).deep.equal([]);
  });

  /** A node that sends by this server. */
  async function start(env: Record<string, string> = {}, given: HookFunctions = {}) {
    const note = (fields: object) => void lines.push(fields);
    const causes = createServiceCauses({ clock, log: { warn: note, error: note } as unknown as ServiceLogger });
    const config = createConfig({
      ...{ LATCHKEY_PUBLIC_URL: publicUrl, LATCHKEY_SMTP_URL: server.url, LATCHKEY_SHUTDOWN_DEADLINE_IN_SECS: '4' },
      ...{ LATCHKEY_MAIL_FROM: 'Bank, "the" one <no-reply@bank.example>', ...env },
    });
    const onError = (error: unknown) => void errors.push(error);
    const targets = ownLinkTargets(config);
    const hooks = createHooks(given, { clock, onFailure: () => {} });
    const mail = createMail({
      hooks,
      ...{ config, targets, mailOutbox: outbox, db: db(), causes, clock, onError },
      wantsMailbox: false,
    });
    const [sender] = mail.components;
    await sender!.start!();
    const stop = async () => {
      await sender!.stop!();
      causes.close();
    };
    stops.push(stop);
    return stop;
  }

  const enqueue = (given: Partial<NewMail> = {}) =>
    outbox.enqueue(db(), {
      ...{ tenantId: 'default', recipient: 'ann@example.org', template: 'reset_password' },
      data: { secret: 'A'.repeat(43), code: '123456' },
      ...given,
    });
  const rows = async () => {
    const found = await sql<{
      state: string;
      failure: string | null;
      tries: number;
      id: string;
    }>`SELECT id, failure, tries,
      CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN failed_at IS NOT NULL THEN 'failed' ELSE 'waiting' END AS state
      FROM mails ORDER BY created_at`.execute(db());
    return found.rows;
  };
  const states = async () => (await rows()).map(({ state }) => state);
  /** Time passes for mails that are tried again. */
  const tryAgain = () => sql`UPDATE mails SET next_try_at = clock_timestamp()`.execute(db());
  const untilTried = (tries: number) =>
    waitFor(async () => (await rows()).every((row) => row.tries >= tries && row.failure !== null), 15_000);
  const untilSent = () => waitFor(async () => (await states()).every((state) => state === 'sent'), 15_000);

  it('sends a mail with the Message-ID of its row, to its recipient alone', async () => {
    await enqueue();
    await start();
    await untilSent();
    const [mail, ...others] = server.received;
    expect(others).length(0);
    expect(mail).deep.include({ from: 'no-reply@bank.example', to: ['ann@example.org'] });
    expect(mail!.messageId).equal(`<${(await rows())[0]!.id}@id.example>`);
    expect(mail!.raw)
      .match(/^From: .*<no-reply@bank\.example>\r$/m)
      .match(/^To: ann@example\.org\r$/m);
    expect(mail!.raw)
      .match(/^Auto-Submitted: auto-generated\r$/m)
      .contain('123456');
  });

  it('does not take names of tenants for headers or recipients', async () => {
    await sql`INSERT INTO tenants (id, name) VALUES ('evil', ${'x\r\nBcc: eve@evil.example\r\n\r\n<b>https://evil.example</b>'})`.execute(
      db(),
    );
    await enqueue({ tenantId: 'evil' });
    await start();
    await untilSent();
    expect(server.received[0]!.to).deep.equal(['ann@example.org']);
    const raw = server.received[0]!.raw.replaceAll('=\r\n', '');
    expect(raw).contain('&lt;b&gt;');
    expect(raw).not.match(/^Bcc:/im);
  });

  it('sends what waits when a server that was down is up again', async () => {
    await server.close();
    await enqueue();
    const stop = await start();
    await untilTried(1);
    const failure = `connect ECONNREFUSED 127.0.0.1:${new URL(server.url).port}`;
    expect((await rows())[0]).include({ state: 'waiting', failure });
    expect(lines[0]).include({ cause: 'mail_server_failed', setting: 'LATCHKEY_SMTP_URL', reason: failure });
    await stop();
    server = await openMailServer({ password: 'pass/word' });
    await tryAgain();
    await start();
    await untilSent();
  });

  it('gives a recipient that is refused up, and sends to the others', async () => {
    server.refusal = { at: 'RCPT TO', reply: 550, recipient: 'bob@example.org' };
    await enqueue({ recipient: 'bob@example.org' });
    await enqueue();
    await start();
    await waitFor(async () => !(await states()).includes('waiting'), 15_000);
    expect((await rows()).map(({ state, failure }) => [state, failure])).deep.equal([
      ['failed', '550 5.1.1 at RCPT TO'],
      ['sent', null],
    ]);
    expect(lines).length(1);
    expect(lines[0]).include({ cause: 'mail_refused' });
    expect(JSON.stringify([lines, await rows()])).not.contain('bob@example.org');
  });

  it('tries again what is refused for now', async () => {
    server.refusal = { at: 'RCPT TO', reply: 451 };
    await enqueue();
    await start();
    await untilTried(1);
    expect((await rows())[0]).include({ state: 'waiting', failure: '451 5.1.1 at RCPT TO' });
    server.refusal = undefined;
    await tryAgain();
    await untilSent();
    expect(server.received).length(1);
  });

  it('gives a mail up whose text is refused, and not one whose sender or sign-in is', async () => {
    await enqueue();
    server.refusal = { at: 'MAIL FROM', reply: 553 };
    await start();
    await untilTried(1);
    server.refusal = { at: 'RCPT TO', reply: 530 };
    await tryAgain();
    await untilTried(2);
    expect(await states()).deep.equal(['waiting']);
    server.refusal = { at: 'DATA', reply: 554 };
    await tryAgain();
    await waitFor(async () => (await states())[0] === 'failed', 15_000);
    expect(lines.map((line) => 'cause' in line && line.cause)).include.members(['mail_sender_refused', 'mail_refused']);
  });

  it('keeps mails while its password is wrong', async () => {
    await enqueue();
    await start({ LATCHKEY_SMTP_URL: server.url.replace('pass%2Fword', 'another') });
    await untilTried(1);
    expect((await rows())[0]).include({ state: 'waiting', failure: '535 5.7.8 at AUTH' });
    expect(JSON.stringify(lines)).not.contain('another');
  });

  it('repeats a mail whose answer did not arrive, with the same Message-ID', async () => {
    server.diesAfterData = true;
    await enqueue();
    await start();
    await untilTried(1);
    expect(await states()).deep.equal(['waiting']);
    server.diesAfterData = false;
    await tryAgain();
    await untilSent();
    expect(server.received.map(({ messageId }) => messageId)).deep.equal(
      Array(2).fill(`<${(await rows())[0]!.id}@id.example>`),
    );
  });

  it('sends four at once to a slow server, and each once', async () => {
    server.slowMs = 400;
    for (let i = 0; i < 9; i++) await enqueue({ recipient: `user-${i}@example.org` });
    await start();
    let most = 0;
    await waitFor(async () => {
      most = Math.max(most, server.busy());
      return server.received.length === 9;
    }, 15_000);
    await untilSent();
    expect(most).within(2, 4);
    expect(new Set(server.received.flatMap(({ to }) => to))).property('size', 9);
  });

  it('lets a mail that is under way end when it stops, and takes no further one', async () => {
    server.slowMs = 700;
    await enqueue();
    const stop = await start();
    await waitFor(() => server.busy() === 1, 15_000);
    await enqueue({ recipient: 'late@example.org' });
    await stop();
    expect((await states()).sort()).deep.equal(['sent', 'waiting']);
    expect(server.received).length(1);
  });

  it('stops in time although the server does not answer', async () => {
    const silent = createServer(() => {});
    await listen(silent);
    await enqueue();
    const stop = await start({ LATCHKEY_SMTP_URL: `smtp://127.0.0.1:${portOf(silent)}` });
    await waitFor(async () => (await rows())[0]!.tries === 1, 15_000);
    const begun = performance.now();
    await stop();
    expect(performance.now() - begun).below(3_500);
    silent.close();
  });

  it('sends nothing in production to a server without TLS', async () => {
    await enqueue();
    const production = { NODE_ENV: 'production', LATCHKEY_SECRET: 's'.repeat(32), LATCHKEY_ALLOW_EMBEDDED: 'true' };
    await start(production);
    await untilTried(1);
    expect((await rows())[0]).include({ state: 'waiting' });
    expect(server.received).length(0);
  });
});
