import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { query } from './admin/signed-in-user.ts';
import { decodeMail } from './pages/mails.ts';

const password = 'correct horse battery';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const edge =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0';

interface Tokens {
  readonly refresh_token: string;
  readonly session_id: string;
}

describe('notices to the owner of an account', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let nodes: ServiceProcess[];
  let mails: MailServer;
  let client: PlainClient;

  before(async () => {
    mails = await openMailServer();
    cluster = await createCluster({ LATCHKEY_SMTP_URL: mails.url, LATCHKEY_MAIL_FROM: 'no-reply@example.test' });
    nodes = [await cluster.start(), await cluster.start()];
    client = createPlainClient(nodes[0]!);
  });
  after(async () => {
    client?.close();
    await cluster?.stop();
    await mails?.close();
  });

  /** What `/oauth/token` answers, and how long it took. */
  async function exchange(body: object, userAgent = firefox) {
    const began = performance.now();
    const key = { rotation_key: newKey() };
    const answer = await client.request<Tokens & { code?: string }>(
      ...(['POST', paths.oauthToken, { ...key, ...body }, { 'user-agent': userAgent }] as const),
    );
    return { ...answer, ms: performance.now() - began };
  }
  const signIn = async (email: string, userAgent?: string) =>
    exchange({ grant_type: 'authorization_code', ...(await client.login(email, password)) }, userAgent);
  const rotate = (refresh_token: string) => exchange({ grant_type: 'refresh_token', refresh_token });
  /** So that a replaced token is not taken for one of another tab. */
  const age = (sid: string) =>
    query(
      cluster.databaseUrl,
      `UPDATE sessions SET touched_at = touched_at - interval '20 s',
        h_at = (SELECT array_agg(x - interval '20 s') FROM unnest(h_at) x) WHERE sid = '${sid}'`,
    );

  /** A user with a verified address, signed in. */
  async function enter(email: string): Promise<Tokens> {
    const login = await client.register(email, password);
    const { body } = await exchange({ grant_type: 'authorization_code', ...login });
    await query(cluster.databaseUrl, `UPDATE users SET email_verified_at = now() WHERE email = '${email}'`);
    return body;
  }

  /** Shows a token that was replaced twice. */
  async function steal({ refresh_token, session_id }: Tokens) {
    const next = await rotate(refresh_token);
    await rotate(next.body.refresh_token);
    await age(session_id);
    return rotate(refresh_token);
  }

  const subjectsTo = (email: string) =>
    mails.received
      .filter(({ to }) => to.includes(email))
      .map(({ raw }) => /^Subject: (.*)$/m.exec(decodeMail(raw))?.[1]?.trim());

  it('arrive once from two nodes, after a stolen token and after a sign-in with another browser', async () => {
    const [email, other] = ['ann@example.test', 'bob@example.test'];
    const stolen = await enter(email);
    expect((await steal(stolen)).body.code).equal('token_reused');
    expect((await steal(await enter(other))).body.code).equal('token_reused');
    expect((await signIn(email)).status).equal(200);
    const began = performance.now();
    expect((await signIn(email, edge)).status).equal(200);
    const expected = [/^A session at .* was ended$/, /^New sign-in at /];
    await waitFor(
      () => subjectsTo(email).length >= 2,
      60_000,
      () => mails.received.map(({ raw }) => raw).join('\n'),
    );
    console.log(`        notices arrived after ${Math.round((performance.now() - began) / 1_000)} s`);
    // Long enough for the other node to examine sessions.
    await sleep(6_000);
    const subjects = subjectsTo(email).toSorted();
    expect(subjects).length(2);
    for (const [at, pattern] of expected.entries()) expect(subjects[at]).match(pattern);
    expect(subjectsTo(other)).length(1);
    const [mail] = mails.received.filter(({ raw }) => /New sign-in/.test(raw));
    expect(decodeMail(mail!.raw)).include('Microsoft Edge on Windows');
  });

  it('delay no sign-in, no rotation and no end, even while their tables are locked', async () => {
    const tokens = await enter('carl@example.test');
    const locker = new pg.Client({ connectionString: cluster.databaseUrl });
    await locker.connect();
    await locker.query('BEGIN');
    await locker.query('LOCK TABLE known_browsers, notice_cursors, mails IN ACCESS EXCLUSIVE MODE');
    try {
      // The job of each node waits for the tables by now.
      await sleep(6_000);
      const answers = [await signIn('carl@example.test', edge), await steal(tokens)];
      expect(answers.map(({ status }) => status)).deep.equal([200, 400]);
      console.log(`        answers under the lock: ${answers.map(({ ms }) => `${Math.round(ms)} ms`).join(', ')}`);
      for (const { ms } of answers) expect(ms).below(1_000);
    } finally {
      await locker.query('ROLLBACK');
      await locker.end();
    }
    await waitFor(() => subjectsTo('carl@example.test').length === 2, 60_000);
  });
});
