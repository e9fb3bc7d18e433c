import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ack, Authenticated, EndedSessions } from '@latchkey/contract';
import {
  createPlainClient,
  newKey,
  type PlainClient,
  type PlainClientOptions,
} from '../../test-kit/client/plain-client.ts';
import type { Outcome } from '../../test-kit/client/plain-socket.ts';

/** Where the service is reached, and the collection of what the walks used. */
export type Outside = Required<Pick<PlainClientOptions, 'url' | 'secrets'>>;

const password = 'correct horse battery';

function granted(outcome: Outcome): Authenticated {
  if (outcome.event === 'unauthorized') throw new Error(`unauthorized ${outcome.payload.code}`);
  return outcome.payload;
}

function generationOf(token: string): number {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8')).gen;
}

async function refusal(client: PlainClient, payload: object): Promise<string> {
  const outcome = await (await client.connect()).authenticate(payload);
  return outcome.event === 'unauthorized' ? outcome.payload.code : outcome.event;
}

/** The blacklist reaches the node's mirror a moment after the logout; past this bound nothing may be accepted. */
async function refusedWithin(ms: number, client: PlainClient, headers: Record<string, string>): Promise<boolean> {
  const end = performance.now() + ms;
  do {
    if ((await client.request('GET', '/me', undefined, headers)).status === 401) return true;
  } while (performance.now() < end);
  return false;
}

/** Sign up, code, socket, next token after a loss, the same one again after a lost answer, log out on every tab. */
export async function walkMainFlow(outside: Outside): Promise<void> {
  const client = createPlainClient(outside);
  try {
    const login = await client.register('ann@example.test', password);
    const socket = await client.connect();
    const first = granted(await socket.authenticate({ ...login, rotation_key: newKey() }));
    assert.equal(generationOf(first.token), 1);
    socket.cut();

    const shown = { token: first.token, rotation_key: newKey() };
    const lost = await client.connect({ acknowledging: 'never' });
    const second = granted(await lost.authenticate(shown));
    lost.cut();
    const [one, two] = [await client.connect(), await client.connect()];
    assert.equal(granted(await one.authenticate(shown)).token, second.token, 'a lost answer is repeated');
    assert.equal(generationOf(second.token), 2);
    assert.equal(
      granted(await two.authenticate({ token: second.token, rotation_key: newKey() })).session.id,
      first.session.id,
    );

    const bearer = { authorization: `Bearer ${second.access_token}` };
    assert.equal((await client.request('GET', '/me', undefined, bearer)).status, 200);
    assert.deepEqual(await one.call<Ack<EndedSessions>>('logout', {}), { ok: true, data: { ended: 1 } });
    for (const tab of [one, two]) assert.deepEqual(await tab.next('logged_out'), { reason: 'logout' });
    assert.equal(await refusal(client, { token: second.token, rotation_key: newKey() }), 'session_revoked');
    assert.ok(await refusedWithin(1_000, client, bearer), 'the access token dies with its session');
  } finally {
    client.close();
  }
}

/** A replaced token without its key ends the session for all its clients. */
export async function walkTheft(outside: Outside): Promise<void> {
  const client = createPlainClient(outside);
  try {
    const login = await client.register('bob@example.test', password);
    const socket = await client.connect();
    const first = granted(await socket.authenticate({ ...login, rotation_key: newKey() }));
    granted(await socket.authenticate({ token: first.token, rotation_key: newKey() }));
    await sleep(500);
    assert.equal(await refusal(client, { token: first.token }), 'token_reused');
    assert.deepEqual(await socket.next('logged_out'), { reason: 'token_reused' });
  } finally {
    client.close();
  }
}

/** A live socket hears that the node leaves. */
export async function openTab(outside: Outside): Promise<{ told(): Promise<unknown>; close(): void }> {
  const client = createPlainClient(outside);
  const login = await client.register(`${randomUUID()}@example.test`, password);
  const socket = await client.connect();
  granted(await socket.authenticate({ ...login, rotation_key: newKey() }));
  return { told: () => socket.next('server_drain', 10_000), close: () => client.close() };
}

/** The service's own page and the script that it names. */
export async function walkPages(url: string): Promise<void> {
  const page = await fetch(`${url}/signin`);
  assert.equal(page.status, 200);
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1];
  assert.ok(script, 'the page names a script');
  const answer = await fetch(new URL(script, url));
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /javascript/);
}

/** Who signed up in the main flow is still known, with the same password. */
export async function signInAgain(outside: Outside): Promise<void> {
  const client = createPlainClient(outside);
  try {
    const socket = await client.connect();
    granted(
      await socket.authenticate({ ...(await client.login('ann@example.test', password)), rotation_key: newKey() }),
    );
  } finally {
    client.close();
  }
}
