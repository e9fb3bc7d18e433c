import { type EndedSessions, type Problem, paths } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, newPkce, type PlainClient } from '../test-kit/client/plain-client.ts';
import { dumpRows } from '../test-kit/database/dump-rows.ts';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { bearerOf, password, signedIn } from './admin/signed-in-user.ts';
import { createMailReader } from './pages/mails.ts';

const email = 'Zebedee@erased.example';
const nextEmail = 'quux@erased.example';
const profile = { name: 'Zebedee Quux', picture: 'https://erased.example/face.png', user_metadata: { nick: 'boing' } };
const userAgent = 'Roundabout/7.1 (magic)';
/** Each would identify the user in a copy of the database. */
const marks = [email.toLowerCase(), nextEmail, 'zebedee', 'quux', 'face.png', 'boing', 'roundabout'];

/** Longer than the jobs of mails and notices, and the writes of presence, wait. */
const settledMs = 20_000;

describe('the data of a deleted account', function () {
  this.timeout(150_000);
  let cluster: Cluster;
  let mails: MailServer;
  let clients: readonly PlainClient[];

  before(async () => {
    mails = await openMailServer();
    cluster = await createCluster({
      ...{ LATCHKEY_SMTP_URL: mails.url, LATCHKEY_MAIL_FROM: 'no-reply@example.test' },
      ...{ LATCHKEY_ARGON2_MEMORY_IN_KIB: '7168', LATCHKEY_ARGON2_PASSES: '1' },
    });
    clients = [await cluster.start(), await cluster.start()].map(createPlainClient);
  });
  after(async () => {
    for (const client of clients ?? []) client.close();
    await cluster?.stop();
    await mails?.close();
  });

  /** Which marks a copy of the database shows. */
  async function marksInDump(): Promise<string[]> {
    const dump = (await dumpRows(cluster.databaseUrl)).toLowerCase();
    return marks.filter((mark) => dump.includes(mark));
  }
  const signIn = async (client: PlainClient, login: Awaited<ReturnType<PlainClient['login']>>) =>
    signedIn({ ...client, connect: () => client.connect({ headers: { 'user-agent': userAgent } }) }, email, login);
  const ticketOf = () => newPkce().challenge;

  it('is in no table after the deletion, its sessions end on both nodes, and the address is free', async () => {
    const [one, two] = clients as [PlainClient, PlainClient];
    const read = createMailReader(mails);
    const first = await signIn(one, await one.register(email, password));
    const second = await signIn(two, await two.login(email, password));
    const bearer = bearerOf(first.accessToken);
    expect((await one.request('PATCH', paths.me, profile, bearer)).status).to.equal(200);
    await one.request('POST', paths.passwordForgot, { email, ticket: ticketOf() });
    const { link } = await read(email, '/reset');
    const change = { email: nextEmail, current_password: password };
    expect((await one.request('POST', paths.meEmail, change, bearer)).status).to.equal(202);
    await read(nextEmail, '/account/email');
    await one.request('POST', paths.passwordForgot, { email, ticket: ticketOf() });
    expect(await marksInDump()).to.deep.equal(marks);

    const deleted = await one.request<EndedSessions>('DELETE', paths.me, undefined, bearer);
    expect([deleted.status, deleted.body.ended]).to.deep.equal([200, 2]);
    expect(await marksInDump()).to.deep.equal([]);
    for (const { socket } of [first, second])
      expect(await socket.next('logged_out')).to.deep.equal({ reason: 'user_deleted' });

    const codeOf = async (method: string, path: string, body?: object, headers = {}) =>
      (await two.request<Problem & { error?: string }>(method, path, body, headers)).body;
    await waitFor(async () => (await codeOf('GET', paths.me, undefined, bearer)).code === 'unauthenticated', 5_000);
    const grant = { grant_type: 'refresh_token', refresh_token: second.token };
    expect(await codeOf('POST', paths.oauthToken, grant)).to.include({ error: 'invalid_grant' });
    const secret = new URL(link).hash.replace('#secret=', '');
    const reset = { secret, new_password: 'another long password' };
    expect(await codeOf('POST', paths.passwordReset, reset)).to.include({ code: 'link_invalid' });

    await new Promise((resolve) => setTimeout(resolve, settledMs));
    expect(await marksInDump()).to.deep.equal([]);
    expect(await dumpRows(cluster.databaseUrl)).to.include(first.userId);
    const again = await signIn(two, await two.register(email, password));
    expect(again.userId).to.not.equal(first.userId);
    expect(await codeOf('POST', paths.oauthToken, grant)).to.include({ error: 'invalid_grant' });
  });
});
