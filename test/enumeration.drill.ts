import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { newPkce } from '../test-kit/client/plain-client.ts';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { basicOf } from './admin/signed-in-user.ts';

/** Requests of each kind for addresses with an account, and as many without. `npm run test:enumeration` sends 200. */
const requests = Number(process.env.ENUMERATION_REQUESTS ?? 40);

const isFull = requests >= 200;

/**
 * How far the answers for addresses with and without an account may be apart: this share of their time, or these
 * milliseconds. Fewer requests are measured less exactly.
 */
const [maxShare, maxDifferenceMs] = isFull ? [0.05, 1] : [0.2, 4];
/** Measurements are repeated so often: a difference of the code is in each of them. */
const attempts = 3;
const maxRounds = 4 * attempts;

const password = 'correct horse battery';
const emailOf = (kind: string, at: number) => `${kind}-${at}@example.test`;
const newTicket = () => randomBytes(32).toString('base64url');

interface Answer {
  /** Status, names of headers, and body, without what differs between any two answers. */
  readonly seen: string;
  readonly ms: number;
}

/** With an account, and without. */
type Pair = readonly [Answer, Answer];
type Ask = (email: string) => Promise<Answer>;

describe('addresses with and without an account', function () {
  this.timeout(60_000 + requests * 2_000);
  let cluster: Cluster;
  let node: ServiceProcess;
  let mails: MailServer;
  let asked = 0;
  let round = 0;

  before(async () => {
    mails = await openMailServer();
    cluster = await createCluster({
      ...{ LATCHKEY_SMTP_URL: mails.url, LATCHKEY_MAIL_FROM: 'no-reply@example.test' },
      ...{ LATCHKEY_ARGON2_MEMORY_IN_KIB: '7168', LATCHKEY_ARGON2_PASSES: '1' },
      ...{ LATCHKEY_TRUST_PROXY: '127.0.0.1', LOG_LEVEL: 'warn' },
    });
    node = await cluster.start();
    const backend = basicOf(await cluster.makeBackend('--scopes', 'admin'));
    const admin = async (method: string, path: string, body: object) => {
      const answer = await fetch(node.url + path, {
        ...{ method, body: JSON.stringify(body) },
        headers: { ...backend, 'content-type': 'application/json' },
      });
      if (!answer.ok) throw new Error(await answer.text());
    };
    await admin('PATCH', '/admin/tenants/default', { email_sign_in: true, email_verification: 'required' });
    // Each measurement has addresses of its own, because an address gets five mails an hour.
    for (let at = 0; at < maxRounds; at++)
      for (let first = 0; first < requests; first += 100) {
        const count = Math.min(100, requests - first);
        const users = Array.from({ length: count }, (_, n) => ({ email: emailOf(`known${at}`, first + n) }));
        await admin('POST', '/admin/users/import', { users: users.map((one) => ({ ...one, email_verified: true })) });
      }
  });
  after(async () => {
    await cluster?.stop();
    await mails?.close();
  });

  /** Each request comes from another network, so that no limit of a network is reached. */
  async function post(path: string, body: object, network = ++asked): Promise<Answer> {
    const began = performance.now();
    const answer = await fetch(node.url + path, {
      ...{ method: 'POST', body: JSON.stringify(body) },
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': `10.${network >> 16}.${(network >> 8) & 255}.${network & 255}`,
      },
    });
    const text = await answer.text();
    const ms = performance.now() - began;
    const stable = text.replace(/"now":[\d.]+/, '"now":0').replace(/"request_id":"[^"]+"/, '"request_id":""');
    const headers = [...answer.headers.keys()].toSorted().join(' ');
    return { seen: `${answer.status} ${headers} ${stable}`, ms };
  }

  /** Asks for both kinds of addresses by turns, so that what else the machine does slows both. */
  async function compare(name: string, ask: Ask): Promise<void> {
    const pairs: Pair[] = [];
    for (let attempt = 1; attempt <= attempts; attempt++) {
      pairs.push(...(await askByTurns(ask)));
      const seen = new Set(pairs.flat().map((answer) => answer.seen));
      expect([...seen], name).length(1);
      if (isAlike(name, pairs)) return;
    }
    expect.fail(`${name}: the times differ`);
  }

  async function askByTurns(ask: Ask): Promise<Pair[]> {
    const pairs: Pair[] = [];
    const number = round++;
    for (let at = 0; at < requests; at++) {
      const emails = [emailOf(`known${number}`, at), emailOf(`unknown${number}`, at)] as const;
      const [first, second] = at % 2 === 0 ? emails : ([emails[1], emails[0]] as const);
      const answers = [await ask(first), await ask(second)] as const;
      pairs.push(at % 2 === 0 ? answers : [answers[1], answers[0]]);
    }
    return pairs;
  }

  const pkce = { code_challenge: newPkce().challenge, code_challenge_method: 'S256' };

  /** Every address of these measurements with an account got a mail, and none without. */
  async function expectMails(from: number, to: number): Promise<void> {
    const mailedTo = () => new Set(mails.received.flatMap((mail) => mail.to));
    const rounds = Array.from({ length: to - from }, (_, n) => from + n);
    const known = rounds.flatMap((at) => Array.from({ length: requests }, (_, n) => emailOf(`known${at}`, n)));
    await waitFor(
      () => known.every((email) => mailedTo().has(email)),
      60_000,
      () => mails.received.length,
    );
    await sleep(1_500);
    for (const at of rounds)
      expect([...mailedTo()].filter((email) => email.startsWith(`unknown${at}-`))).deep.equal([]);
    console.log(`        ${known.length} addresses with an account got mails, ${known.length} without got none`);
  }

  it('get the same answers to forgotten passwords and sign-ins by mail, in the same time, and mails only with one', async () => {
    const first = round;
    await compare('/password/forgot', (email) => post(paths.passwordForgot, { email, ticket: newTicket() }));
    await compare('/login/email', (email) => post(paths.loginEmail, { email, ticket: newTicket() }));
    await expectMails(first, round);
  });

  it('get the same answers to sign-ups that have to be verified, in the same time', async () => {
    await compare('/register', (email) => post(paths.register, { email, password, ticket: newTicket(), ...pkce }));
  });

  it('get the same answers to wrong codes, in the same time, until none is left', async () => {
    const first = round;
    const tickets = new Map<string, string>();
    await askByTurns((email) => {
      const ticket = newTicket();
      tickets.set(email, ticket);
      return post(paths.passwordForgot, { email, ticket });
    });
    await expectMails(first, round);
    const pairs: Pair[] = [];
    for (let tries = 1; tries <= 6; tries++) {
      round = first;
      const body = { code: '000000', new_password: 'another long password' };
      const tried = await askByTurns((email) => post(paths.passwordReset, { ...body, ticket: tickets.get(email) }));
      const [seen, ...others] = new Set(tried.flat().map((answer) => answer.seen));
      expect(others).deep.equal([]);
      expect(seen).include(tries === 6 ? 'link_invalid' : 'mail_code_wrong');
      pairs.push(...tried);
    }
    expect(isAlike('wrong codes', pairs), 'the times differ').equal(true);
  });

  it('reach the limit of an address at the same request, with the same answer', async () => {
    const ask = (email: string) => post(paths.passwordForgot, { email });
    const [known, unknown] = [emailOf('known0', 0), emailOf('limited', 0)];
    const seen: Record<string, string[]> = { [known]: [], [unknown]: [] };
    for (let at = 0; at < 12; at++) for (const email of [known, unknown]) seen[email]!.push((await ask(email)).seen);
    expect(seen[known]).deep.equal(seen[unknown]);
    expect(new Set(seen[known]).size).equal(1);
    const network = ++asked;
    const ofNetwork = async (email: string) =>
      Array.from({ length: 25 }, () => email).reduce<Promise<string[]>>(
        async (before, one) => [...(await before), (await post(paths.passwordForgot, { email: one }, network)).seen],
        Promise.resolve([]),
      );
    expect(await ofNetwork(known)).deep.equal(await ofNetwork(unknown));
  });
});

function medianOf(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** The median of the differences within the pairs. */
function isAlike(name: string, pairs: readonly Pair[]): boolean {
  const [known, unknown] = [0, 1].map((at) => medianOf(pairs.map((pair) => pair[at]!.ms)));
  const difference = medianOf(pairs.map(([a, b]) => a.ms - b.ms));
  const times = `${known!.toFixed(2)} ms with an account, ${unknown!.toFixed(2)} ms without`;
  console.log(`        ${name}, ${pairs.length} of each: ${times}; difference ${difference.toFixed(2)} ms`);
  return Math.abs(difference) <= Math.max(maxDifferenceMs, Math.min(known!, unknown!) * maxShare);
}
