import {
  type Ack,
  type AdminOverview,
  type AdminPresenceUpdate,
  type AdminSubscribed,
  adminPaths,
  type EndedSessions,
  type LoggedOut,
  type WireError,
} from '@latchkey/contract';
import { expect } from 'chai';
import { type Cluster, createCluster } from '../../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../../test-kit/node/service-process.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import { adminToken, bearerOf, command, query, type SignedInUser, signUp } from './signed-in-user.ts';

const { overview, tenants, users, sessions } = adminPaths;

describe('an operator on one node, users on another', () => {
  let cluster: Cluster;
  let here: ServiceProcess;
  let there: ServiceProcess;
  let operator: SignedInUser;
  let token: string;
  let count = 0;
  const signedInUsers: SignedInUser[] = [];

  before(async function () {
    this.timeout(90_000);
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test' });
    [here, there] = [await cluster.start(), await cluster.start()];
    operator = await newOperator();
    token = await adminToken(operator);
  });
  after(async function () {
    this.timeout(30_000);
    for (const { client } of signedInUsers) client.close();
    await cluster?.stop();
  });

  async function newcomer(at: ServiceProcess, more: object = {}): Promise<SignedInUser> {
    const user = await signUp(at.url, `user${++count}@example.test`, more);
    signedInUsers.push(user);
    return user;
  }

  async function newOperator(): Promise<SignedInUser> {
    const user = await newcomer(here);
    const { code, log } = await command(cluster.env, 'operator', 'add', user.email);
    expect(code, log).equal(0);
    return user;
  }

  async function ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await operator.client.request<T>(method, path, body, bearerOf(token));
    expect(answer.status, JSON.stringify(answer.body)).below(300);
    return answer.body;
  }

  /** Why the user was signed out, and after how many milliseconds. */
  async function measureSignOut(user: SignedInUser, act: () => Promise<unknown>) {
    const began = performance.now();
    await act();
    const { reason } = await user.socket.next<LoggedOut>('logged_out', 2_000);
    return { reason, ms: performance.now() - began };
  }

  async function expectSignOut(user: SignedInUser, reason: string, act: () => Promise<unknown>): Promise<void> {
    const sent = await measureSignOut(user, act);
    expect(sent.reason).equal(reason);
    expect(sent.ms).below(1_000);
  }

  it('ends a session', async () => {
    const user = await newcomer(there);
    await expectSignOut(user, 'ended_by_operator', async () => {
      expect(await ask<EndedSessions>('DELETE', `${sessions}/${user.sid}`)).deep.equal({ ended: 1 });
    });
  });

  it('ends the sessions of a user', async () => {
    const user = await newcomer(there);
    await expectSignOut(user, 'ended_by_operator', () => ask('DELETE', `${users}/${user.userId}/sessions`));
  });

  it('disables a user, and enables them again', async () => {
    const user = await newcomer(there);
    const path = `${users}/${user.userId}`;
    await expectSignOut(user, 'user_disabled', () => ask('PATCH', path, { disabled: true }));
    const login = () => user.client.login(user.email, 'correct horse battery');
    expect(await login().catch(String)).contain('user_disabled');
    await ask('PATCH', path, { disabled: false });
    expect(await login()).property('code');
  });

  it('ends the sessions of a tenant', async () => {
    await ask('POST', tenants, { id: 'closing', name: 'Closing', registration_open: true });
    const user = await newcomer(there, { tenant: 'closing' });
    await expectSignOut(user, 'ended_by_operator', () => ask('DELETE', `${tenants}/closing/sessions`));
  });

  it('shortens the sessions of a tenant by its limits', async () => {
    await ask('POST', tenants, { id: 'short', name: 'Short', registration_open: true });
    const user = await newcomer(there, { tenant: 'short' });
    await query(
      cluster.databaseUrl,
      `UPDATE sessions SET created_at = created_at - interval '2 minutes' WHERE sid = '${user.sid}'`,
    );
    await expectSignOut(user, 'expired', () => ask('PATCH', `${tenants}/short`, { max_active_minutes: 1 }));
  });

  it('counts rotations, logins and sockets', async () => {
    await newcomer(there);
    const seen = async () => {
      const { minutes, ...numbers } = await ask<AdminOverview>('GET', overview);
      return { ...numbers, minutes: minutes.length, logins: minutes.reduce((sum, { logins }) => sum + logins, 0) };
    };
    let last = await seen();
    await waitFor(async () => {
      last = await seen();
      return last.sockets >= 2 && last.logins >= count;
    });
    expect(last).include({ minutes: 60, servers: 2, logins: count, users: count });
    expect(last.sockets).equal(last.online_sessions);
  });

  const follow = (user: SignedInUser, access_token: string) =>
    user.socket.call<Ack<AdminSubscribed>>('admin_subscribe', { access_token });

  /** The first news that fit. */
  async function expectUpdate(user: SignedInUser, change: string, sid: string): Promise<void> {
    for (;;) {
      const { changes } = await user.socket.next<AdminPresenceUpdate>('admin_update', 3_000);
      if (changes.some(({ change: what, session }) => what === change && session.id === sid)) return;
    }
  }

  it('receives changes of another node, until the flag is removed', async () => {
    const watcher = await newOperator();
    const answer = await follow(watcher, await adminToken(watcher));
    expect(answer.ok && answer.data.expires_in).within(200, 300);
    const user = await newcomer(there);
    await expectUpdate(watcher, 'creation', user.sid);
    user.client.close();
    await expectUpdate(watcher, 'deletion', user.sid);
    await ask('DELETE', `${sessions}/${user.sid}`);
    expect(await watcher.socket.next<AdminPresenceUpdate>('admin_update', 3_000), 'without a socket').deep.equal({
      ...{ changes: [], refetch: true },
    });
    await ask('PATCH', `${users}/${watcher.userId}`, { operator: false });
    await newcomer(there);
    expect((await watcher.socket.next<WireError>('admin_unsubscribed')).code).equal('forbidden');
    await watcher.socket.none('admin_update');
  });

  it('receives nothing with another session’s token, with the usual one, or with none', async () => {
    const other = await newOperator();
    const code = async (input: string) => {
      const answer = await follow(other, input);
      return answer.ok ? 'ok' : answer.error.code;
    };
    expect(await code(token)).equal('forbidden');
    expect(await code(other.accessToken)).equal('unauthenticated');
    expect(await code('nothing')).equal('unauthenticated');
    expect(await code('')).equal('invalid_request');
  });
});
