import { randomBytes } from 'node:crypto';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import * as oauth from 'oauth4webapi';
import pg from 'pg';
import type { Credential } from '../test-kit/client/plain-backend.ts';
import { createPlainClient, newPkce, type PlainClient } from '../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';

/** The library asks for TLS; the test has none. */
const plain = { [oauth.allowInsecureRequests]: true };
const clientOf = ({ backend_id }: Credential): oauth.Client => ({ client_id: backend_id });

interface Granted {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly session_id: string;
}

describe('introspection over HTTP', function () {
  this.timeout(90_000);
  let cluster: Cluster;
  let service: ServiceProcess;
  let as: oauth.AuthorizationServer;
  let client: PlainClient;
  let backend: Credential;
  let granted: Granted;

  before(async () => {
    cluster = await createCluster();
    service = await cluster.start();
    client = createPlainClient({ url: service.url });
    backend = await cluster.makeBackend('--scopes', 'introspect,feed');
    const found = await oauth.discoveryRequest(new URL(service.url), { algorithm: 'oauth2', ...plain });
    as = await oauth.processDiscoveryResponse(new URL(service.url), found);
    granted = await open('ann@example.test');
  });
  after(() => cluster.stop());

  async function open(email: string): Promise<Granted> {
    const { verifier, challenge } = newPkce();
    const { body } = await client.request<{ code: string }>('POST', paths.register, {
      email,
      password: 'a long pass phrase of no user',
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    });
    const grant = { grant_type: 'authorization_code', code: body.code, code_verifier: verifier };
    return (await client.request<Granted>('POST', paths.oauthToken, grant)).body;
  }

  async function ask(token: string, auth: oauth.ClientAuth, who: Credential = backend) {
    const answer = await oauth.introspectionRequest(as, clientOf(who), auth, token, plain);
    return oauth.processIntrospectionResponse(as, clientOf(who), answer);
  }

  async function query(statement: string): Promise<void> {
    const database = new pg.Client(cluster.databaseUrl);
    await database.connect();
    await database.query(statement);
    await database.end();
  }

  const basic = ({ backend_secret }: Credential) => oauth.ClientSecretBasic(backend_secret);

  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'answered',
      (error: unknown) => {
        if (error instanceof oauth.WWWAuthenticateChallengeError)
          return `${error.status} ${error.cause.map(({ scheme }) => scheme)}`;
        return error instanceof oauth.ResponseBodyError ? `${error.status} ${error.error}` : String(error);
      },
    );

  it('is in the metadata, and answers for tokens with the credential in the header and in the form', async () => {
    expect(as.introspection_endpoint).to.equal(`${service.url}${paths.oauthIntrospect}`);
    for (const auth of [basic(backend), oauth.ClientSecretPost(backend.backend_secret)]) {
      const access = await ask(granted.access_token, auth);
      expect(access).to.include({ active: true, token_type: 'Bearer', sid: granted.session_id, iss: service.url });
      const session = await ask(granted.refresh_token, auth);
      expect(session).to.include({ active: true, sid: granted.session_id });
      expect(await ask('never-seen-before', auth)).to.deep.equal({ active: false });
    }
  });

  it('answers inactive for an unexpired access token once its session has ended', async () => {
    const ended = await open('bob@example.test');
    expect((await ask(ended.access_token, basic(backend))).active).to.equal(true);
    await client.request('POST', paths.oauthRevoke, { token: ended.refresh_token });
    for (const token of [ended.access_token, ended.refresh_token])
      expect(await ask(token, basic(backend))).to.deep.equal({ active: false });
  });

  it('refuses wrong secrets and unknown backends with a challenge, and without details', async () => {
    const wrong = { ...backend, backend_secret: randomBytes(32).toString('base64url') };
    const unknown = { ...backend, backend_id: 'unknown' };
    for (const who of [wrong, unknown])
      expect(await refusal(ask(granted.access_token, basic(who), who))).to.equal('401 basic');
    for (const header of [undefined, 'Basic', 'Basic !', 'Basic bm9jb2xvbg==', 'Basic JTo=', 'Bearer a.b.c']) {
      const headers: Record<string, string> = header === undefined ? {} : { authorization: header };
      const asked = await client.request<{ error: string }>(
        'POST',
        paths.oauthIntrospect,
        { token: granted.access_token },
        headers,
      );
      expect([asked.status, asked.body.error], String(header)).to.deep.equal([401, 'invalid_client']);
      expect(asked.headers.get('www-authenticate')).to.match(/^Basic realm=/);
    }
  });

  it('refuses a secret that is sent twice, and an id that differs from the header', async () => {
    const authorization = `Basic ${Buffer.from(`${backend.backend_id}:${backend.backend_secret}`).toString('base64')}`;
    const twice = { token: 'x', client_id: backend.backend_id, client_secret: backend.backend_secret };
    for (const body of [twice, { token: 'x', client_id: 'another' }]) {
      const asked = await client.request<{ error: string }>('POST', paths.oauthIntrospect, body, { authorization });
      expect([asked.status, asked.body.error]).to.deep.equal([400, 'invalid_request']);
    }
  });

  it('refuses a backend without the scope', async () => {
    const other = await cluster.makeBackend('--scopes', 'relay,feed');
    expect(await refusal(ask(granted.access_token, basic(other), other))).to.match(/^403 /);
  });

  it('shows a backend of one tenant no token of another', async () => {
    await query(`INSERT INTO tenants (id, name) VALUES ('acme', 'Acme')`);
    const foreign = await cluster.makeBackend('--tenant', 'acme', '--scopes', 'introspect');
    expect(await ask(granted.access_token, basic(foreign), foreign)).to.deep.equal({ active: false });
    const own = await cluster.makeBackend('--tenant', 'default', '--scopes', 'introspect');
    expect((await ask(granted.access_token, basic(own), own)).active).to.equal(true);
  });

  it('leaves no secret in the log', () => {
    expect(service.log()).not.to.contain(backend.backend_secret).and.not.to.contain(granted.access_token);
  });
});
