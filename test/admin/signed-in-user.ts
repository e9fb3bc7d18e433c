import type { Ack, Refreshed } from '@latchkey/contract';
import pg from 'pg';
import { createPlainClient, newKey, type PlainClient } from '../../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../../test-kit/client/plain-socket.ts';
import type { Cluster } from '../../test-kit/node/cluster.ts';
import { startService } from '../../test-kit/node/service-process.ts';

export const password = 'correct horse battery';

/** A user with a live socket. */
export interface SignedInUser {
  readonly email: string;
  readonly client: PlainClient;
  readonly socket: PlainSocket;
  readonly sid: string;
  readonly userId: string;
  readonly token: string;
  readonly accessToken: string;
  /** Sends `refresh { admin: true }`. */
  refreshAsAdmin(): Promise<Ack<Refreshed>>;
}

export async function signUp(url: string, email: string, more: object = {}): Promise<SignedInUser> {
  const client = createPlainClient({ url });
  return signedIn(client, email, await client.register(email, password, more));
}

export async function signedIn(
  client: PlainClient,
  email: string,
  login: Awaited<ReturnType<PlainClient['login']>>,
): Promise<SignedInUser> {
  const socket = await client.connect();
  const answer = await socket.authenticate({ ...login, rotation_key: newKey() });
  if (answer.event !== 'authenticated') throw new Error(answer.payload.code);
  const { session, user, token, access_token } = answer.payload;
  return {
    ...{ email, client, socket, sid: session.id, userId: user.id, token, accessToken: access_token },
    refreshAsAdmin: () => socket.call<Ack<Refreshed>>('refresh', { admin: true }),
  };
}

/** The token that `/admin` takes. */
export async function adminToken(user: SignedInUser): Promise<string> {
  const answer = await user.refreshAsAdmin();
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.data.access_token;
}

/** Runs a command over the cluster's database, and reads what it printed. */
export async function command(env: Cluster['env'], ...args: string[]): Promise<{ code: number; log: string }> {
  const run = await startService({ env, args });
  return { code: await run.exited(), log: run.log() };
}

export const bearerOf = (token: string) => ({ authorization: `Bearer ${token}` });
export const basicOf = ({ backend_id, backend_secret }: { backend_id: string; backend_secret: string }) => ({
  authorization: `Basic ${Buffer.from(`${backend_id}:${backend_secret}`).toString('base64')}`,
});

/** Runs a statement with the password of the database. */
export async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client
    .query<Row>(text)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}
