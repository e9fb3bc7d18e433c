import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, newKey } from '../test-kit/client/plain-client.ts';
import { dumpRows } from '../test-kit/database/dump-rows.ts';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { basicOf, query } from './admin/signed-in-user.ts';
import { decodeMail } from './pages/mails.ts';
import { createDice } from './storm/dice.ts';

/** Resets and imports that are cut by a SIGKILL. `npm run test:mail-kill` cuts 20. */
const kills = Number(process.env.MAIL_KILLS ?? 4);
const seed = Number(process.env.MAIL_KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Longer than a reset takes: its mail is prepared and sent within two seconds. */
const maxMsBeforeKill = 3_000;
const oldPassword = 'correct horse battery';
const newPassword = 'another long password';
const importedRows = 200;

/** What a caller knows when the node is killed. */
interface Cut {
  readonly email: string;
  wasAsked: boolean;
  wasReset: boolean;
  wasImported: boolean;
}

describe('a node that is killed while it resets passwords and imports users', function () {
  this.timeout(60_000 + kills * 15_000);
  let cluster: Cluster;
  let mails: MailServer;
  let backend: Record<string, string>;
  const dumps: string[] = [];
  const cuts: Cut[] = [];

  before(async () => {
    mails = await openMailServer();
    cluster = await createCluster({
      ...{ LATCHKEY_SMTP_URL: mails.url, LATCHKEY_MAIL_FROM: 'no-reply@example.test' },
      ...{ LATCHKEY_ARGON2_MEMORY_IN_KIB: '7168', LATCHKEY_ARGON2_PASSES: '1' },
    });
    backend = basicOf(await cluster.makeBackend('--scopes', 'admin'));
  });
  after(async () => {
    await cluster?.stop();
    await mails?.close();
  });

  const mailsTo = (email: string, pattern: RegExp) =>
    mails.received.filter(({ to, raw }) => to.includes(email) && pattern.test(decodeMail(raw)));
  const linkPattern = /\/reset#secret=([\w-]{43})/;

  /** A user with a session. */
  async function enter(node: ServiceProcess, at: number): Promise<Cut> {
    const email = `cut-${at}@example.test`;
    const client = createPlainClient(node);
    const login = await client.register(email, oldPassword);
    await client.request('POST', paths.oauthToken, {
      ...{ grant_type: 'authorization_code', rotation_key: newKey() },
      ...login,
    });
    return { email, wasAsked: false, wasReset: false, wasImported: false };
  }

  async function reset(node: ServiceProcess, cut: Cut): Promise<void> {
    const { request } = createPlainClient(node);
    const ticket = randomBytes(32).toString('base64url');
    cut.wasAsked = (await request('POST', paths.passwordForgot, { email: cut.email, ticket })).status === 202;
    await waitFor(() => mailsTo(cut.email, linkPattern).length > 0);
    const [mail] = mailsTo(cut.email, linkPattern);
    const [, secret] = linkPattern.exec(decodeMail(mail!.raw))!;
    const answer = await request('POST', paths.passwordReset, { secret, new_password: newPassword });
    cut.wasReset = answer.status === 200;
  }

  async function importUsers(node: ServiceProcess, cut: Cut): Promise<void> {
    const users = Array.from({ length: importedRows }, (_, n) => ({ email: `${n}.${cut.email}`, name: `User ${n}` }));
    const answer = await createPlainClient(node).request('POST', '/admin/users/import', { users }, backend);
    cut.wasImported = answer.status === 200;
  }

  async function cutAt(moment: number, at: number): Promise<void> {
    const node = await cluster.start();
    const cut = await enter(node, at);
    cuts.push(cut);
    // The import begins so late that kills meet it as often as the reset.
    const work = [reset(node, cut), sleep(moment - 40 * (at % 4)).then(() => importUsers(node, cut))];
    for (const one of work) one.catch(() => {});
    await sleep(moment);
    node.kill('SIGKILL');
    await node.exited();
    await Promise.allSettled(work);
    dumps.push(await dumpRows(cluster.databaseUrl));
  }

  /** How many rows of each kind there are of this user. */
  async function factsOf(email: string) {
    const [facts] = await query<Record<'audited' | 'mailed' | 'ended' | 'imported', number>>(
      cluster.databaseUrl,
      `SELECT (SELECT count(*)::int FROM audit a WHERE a.uid = u.id AND a.action = 'password_reset') AS audited,
        (SELECT count(*)::int FROM mails m WHERE m.uid = u.id AND m.template = 'password_changed') AS mailed,
        (SELECT count(*)::int FROM sessions s WHERE s.uid = u.id AND s.revoke_reason = 'password_reset') AS ended,
        (SELECT count(*)::int FROM users i WHERE i.email LIKE '%.' || u.email) AS imported
      FROM users u WHERE u.email = '${email}'`,
    );
    return facts!;
  }

  it(`at ${kills} random moments loses no mail, sends none for what was rolled back, and leaves no half account (MAIL_KILL_SEED=${seed})`, async () => {
    const { next } = createDice(seed).of('moments');
    for (let at = 0; at < kills; at++) await cutAt(next() * maxMsBeforeKill, at);
    const node = await cluster.start();
    const { login } = createPlainClient(node);
    // As after two minutes, when the leases of the killed nodes are over.
    await query(cluster.databaseUrl, 'UPDATE mails SET leased_until = NULL, next_try_at = now() WHERE sent_at IS NULL');
    const waiting = 'SELECT FROM mails WHERE sent_at IS NULL AND failed_at IS NULL';
    await waitFor(async () => (await query(cluster.databaseUrl, waiting)).length === 0, 30_000);
    for (const { email, wasAsked, wasReset, wasImported } of cuts) {
      const canSignIn = (password: string) => login(email, password).then(Boolean, () => false);
      const [isOld, isNew] = [await canSignIn(oldPassword), await canSignIn(newPassword)];
      expect([isOld, isNew], email).deep.equal([!isNew, isNew]);
      if (wasReset) expect(isNew, `${email}: the answer of a reset was lost`).equal(true);
      const times = isNew ? 1 : 0;
      const { imported, ...facts } = await factsOf(email);
      expect(facts, email).deep.equal({ audited: times, mailed: times, ended: times });
      expect(imported, email).oneOf(wasImported ? [importedRows] : [0, importedRows]);
      const changed = mailsTo(email, /password (of your account )?.*was changed/i);
      expect(new Set(changed.map(({ messageId }) => messageId)).size, email).equal(times);
      // A request that was answered just before the kill becomes a mail of the next node, some time after its start.
      if (wasAsked)
        await waitFor(
          () => mailsTo(email, linkPattern).length > 0,
          10_000,
          () => email,
        );
    }
    const count = (of: (cut: Cut) => boolean) => cuts.filter(of).length;
    console.log(
      `        of ${kills} killed: ${count((cut) => cut.wasAsked)} asked, ${count((cut) => cut.wasReset)} reset, ${count((cut) => cut.wasImported)} imported; ${mails.received.length} mails`,
    );
  });

  it('shows no usable link or code in a copy of its database at any of these moments', () => {
    const secrets = mails.received.flatMap(({ raw }) => secretsOf(decodeMail(raw)));
    expect(secrets.length).above(0);
    expect(dumps).length(kills);
    for (const dump of dumps) {
      expect(dump).include(cuts[0]!.email);
      expect(secrets.filter((secret) => isShown(dump, secret))).deep.equal([]);
    }
    expect(isShown('{"code_mac": "\\\\x313233343536"}', '123456')).equal(true);
    expect(isShown('{"secret": "AbC"}', 'AbC')).equal(true);
  });
});

/** The secret of the link, and the code. */
function secretsOf(text: string): string[] {
  const link = /#secret=([\w-]{43})/.exec(text)?.[1];
  const code = /^\s*(\d{6})\s*$/m.exec(text)?.[1];
  return [link, code].filter((secret) => secret !== undefined);
}

/** As text, as bytes of the text, or as the bytes that it is the base64url form of. */
function isShown(dump: string, secret: string): boolean {
  const bytes = Buffer.from(secret).toString('hex');
  const decoded = Buffer.from(secret, 'base64url').toString('hex');
  const spellings = secret.length < 20 ? [bytes] : [secret, bytes, decoded];
  return spellings.some((one) => dump.includes(one)) || new RegExp(`(?<![\\w.-])${secret}(?![\\w-])`).test(dump);
}
