import type { Ack, EndedSessions, Refreshed, SessionsResponse, TokenResponse } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, type Login, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../test-kit/client/plain-socket.ts';
import { eachService } from '../test-kit/node/cluster.ts';

const password = 'correct horse battery';
let users = 0;

/** Signs up a new user and opens the first socket, live. */
async function signedUp(client: PlainClient) {
  const email = `user${++users}@example.test`;
  const login = await client.register(email, password);
  const socket = await client.connect();
  const outcome = await socket.authenticate({ ...login, rotation_key: newKey() });
  if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
  return { email, login, socket, first: outcome.payload };
}

function generationOf(token: string): number {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8')).gen;
}

async function refused(socket: PlainSocket, payload: object): Promise<string> {
  const outcome = await socket.authenticate(payload);
  return outcome.event === 'unauthorized' ? outcome.payload.code : outcome.event;
}

/** Gives the batched confirmation of a stored token time to be written. */
const untilConfirmed = () => new Promise((resolve) => setTimeout(resolve, 400));

eachService('the main flow of a plain client', (service) => {
  let client: PlainClient;
  beforeEach(() => {
    client = createPlainClient({ url: service().url });
  });
  afterEach(() => client.close());

  it('redeems a code, and rotates the token after a lost connection', async () => {
    const { socket, first } = await signedUp(client);
    expect(generationOf(first.token)).to.equal(1);
    expect(first.user.tenant_id).to.equal('default');
    expect(first.session.idle_timeout_in).to.equal(null);
    socket.cut();
    const again = await client.connect();
    const outcome = await again.authenticate({ token: first.token, rotation_key: newKey() });
    expect(outcome.event).to.equal('authenticated');
    const next = outcome.payload as typeof first;
    expect(generationOf(next.token)).to.equal(2);
    expect(next.session.id).to.equal(first.session.id);
  });

  it('accepts a credential in the handshake, and a code or a token as token', async () => {
    const login = await client.register('handshake@example.test', password);
    const socket = await client.connect({ auth: { token: login.code, code_verifier: login.code_verifier } });
    expect((await socket.outcome()).event).to.equal('authenticated');
  });

  it('answers the same token and key again with the identical token', async () => {
    const { first } = await signedUp(client);
    const shown = { token: first.token, rotation_key: newKey() };
    const [lost, again] = [await client.connect({ acknowledging: 'never' }), await client.connect()];
    const one = await lost.authenticate(shown);
    lost.cut();
    const two = await again.authenticate(shown);
    expect(two.event).to.equal('authenticated');
    expect((two.payload as typeof first).token).to.equal((one.payload as typeof first).token);
  });

  it('answers a code again only for the same key, and ends its session for another key', async () => {
    const login = await client.register('twice@example.test', password);
    const key = newKey();
    const socket = await client.connect({ acknowledging: 'never' });
    const first = await socket.authenticate({ ...login, rotation_key: key });
    const second = await (await client.connect({ acknowledging: 'never' })).authenticate({
      ...login,
      rotation_key: key,
    });
    expect((second.payload as { token: string }).token).to.equal((first.payload as { token: string }).token);
    expect(await refused(await client.connect(), { ...login, rotation_key: newKey() })).to.equal('code_used');
    expect(await socket.next('logged_out')).to.deep.equal({ reason: 'code_used' });
  });

  it('answers a replaced token without its key with token_reused, and ends the session everywhere', async () => {
    const { socket, first } = await signedUp(client);
    const rotated = await socket.authenticate({ token: first.token, rotation_key: newKey() });
    expect(rotated.event).to.equal('authenticated');
    await untilConfirmed();
    const other = await client.connect();
    const newest = (rotated.payload as typeof first).token;
    expect((await other.authenticate({ token: newest, rotation_key: newKey() })).event).to.equal('authenticated');
    const thief = await client.connect();
    expect(await refused(thief, { token: first.token })).to.equal('token_reused');
    expect(await thief.closed()).to.equal('io server disconnect');
    await thief.none('logged_out', 50);
    for (const live of [socket, other]) {
      expect(await live.next('logged_out')).to.deep.equal({ reason: 'token_reused' });
      expect(await live.closed()).to.equal('io server disconnect');
    }
    const late = await client.connect();
    expect(await refused(late, { token: newest, rotation_key: newKey() })).to.equal('session_revoked');
  });

  it('refuses a proof on an unbound session, and changes nothing', async () => {
    const { first } = await signedUp(client);
    const shown = { token: first.token, rotation_key: newKey() };
    expect(await refused(await client.connect(), { ...shown, proof: 'x.y.z' })).to.equal('proof_invalid');
    expect((await (await client.connect()).authenticate(shown)).event).to.equal('authenticated');
  });

  it('logs out every socket of the session, after the acknowledgement', async () => {
    const { socket, first } = await signedUp(client);
    const other = await client.connect();
    await other.authenticate({ token: first.token, rotation_key: newKey() });
    const ack = await socket.call<Ack<EndedSessions>>('logout', {});
    expect(ack).to.deep.equal({ ok: true, data: { ended: 1 } });
    for (const live of [socket, other]) {
      expect(await live.next('logged_out')).to.deep.equal({ reason: 'logout' });
      expect(await live.closed()).to.equal('io server disconnect');
    }
    expect(await refused(await client.connect(), { token: first.token, rotation_key: newKey() })).to.equal(
      'session_revoked',
    );
  });

  it('returns a new access token on a signed-in socket without a rotation', async () => {
    const { socket, first } = await signedUp(client);
    const ack = await socket.call<Ack<Refreshed>>('refresh', {});
    if (!ack.ok) throw new Error(ack.error.code);
    expect(ack.data.access_token).to.not.equal(first.access_token);
    expect(ack.data.access_token_expires_in).to.be.within(280, 320);
    const me = await client.request('GET', '/me', undefined, { authorization: `Bearer ${ack.data.access_token}` });
    expect(me.status).to.equal(200);
  });

  it('lists the devices of a user, and ends one of them from another', async () => {
    const { email, socket, first } = await signedUp(client);
    const second = await client.connect();
    const login: Login = await client.login(email, password);
    const { payload } = await second.authenticate({ ...login, rotation_key: newKey() });
    const bearer = { authorization: `Bearer ${(payload as typeof first).access_token}` };
    await untilConfirmed();
    const list = await client.request<SessionsResponse>('GET', '/sessions', undefined, bearer);
    expect(list.body.sessions.map(({ current, online }) => ({ current, online }))).to.deep.include.members([
      { current: true, online: true },
      { current: false, online: true },
    ]);
    const ended = await client.request('DELETE', `/sessions/${first.session.id}`, undefined, bearer);
    expect(ended.body).to.include({ ended: 1 });
    expect(await socket.next('logged_out')).to.deep.equal({ reason: 'ended_by_user' });
    const old = { authorization: `Bearer ${first.access_token}` };
    expect((await client.request('GET', '/me', undefined, old)).status).to.equal(401);
  });

  it('changes the password, which ends the other sessions', async () => {
    const { email, socket, first } = await signedUp(client);
    const second = await client.connect();
    await second.authenticate({ ...(await client.login(email, password)), rotation_key: newKey() });
    const changed = await client.request(
      'POST',
      '/me/password',
      { current_password: password, new_password: 'another horse entirely' },
      { authorization: `Bearer ${first.access_token}` },
    );
    expect(changed.body).to.include({ ended: 1 });
    expect(await second.next('logged_out')).to.deep.equal({ reason: 'password_changed' });
    await socket.none('logged_out', 50);
    expect(await client.login(email, password).catch((error: Error) => error.message)).to.contain(
      'invalid_credentials',
    );
  });

  it('works over HTTP only, where a lost answer is repeated as well', async () => {
    const { code, code_verifier } = await client.register('http@example.test', password);
    const grant = { grant_type: 'authorization_code', code, code_verifier, rotation_key: newKey() };
    const first = await client.request<TokenResponse>('POST', '/oauth/token', grant);
    const refresh = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token, rotation_key: newKey() };
    const second = await client.request<TokenResponse>('POST', '/oauth/token', refresh);
    const third = await client.request<TokenResponse>('POST', '/oauth/token', refresh);
    expect(third.body.refresh_token).to.equal(second.body.refresh_token);
    const bearer = { authorization: `Bearer ${second.body.access_token}` };
    expect((await client.request('POST', '/logout', {}, bearer)).body).to.include({ ended: 1 });
    expect((await client.request('GET', '/me', undefined, bearer)).status).to.equal(401);
  });
});
