import { type Problem, paths, type SignInRequestResponse } from '@latchkey/contract';
import { expect } from 'chai';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';

const client: oauth.Client = { client_id: 'a-front-end' };
const publicClient = oauth.None();
/** The library asks for TLS; the test has none. */
const plain = { [oauth.allowInsecureRequests]: true };
const app = 'http://127.0.0.1:1/callback';

describe('standard OAuth clients', function () {
  this.timeout(60_000);
  let service: ServiceProcess;
  let plainClient: PlainClient;
  let as: oauth.AuthorizationServer;

  before(async () => {
    const env = { LATCHKEY_APP_URLS: app, LATCHKEY_DEFAULT_SCOPES: 'a:read' };
    service = await startService({ env });
    await service.ready();
    plainClient = createPlainClient({ url: service.url });
    const found = await oauth.discoveryRequest(new URL(service.url), { algorithm: 'oauth2', ...plain });
    as = await oauth.processDiscoveryResponse(new URL(service.url), found);
  });
  after(() => service.stop());

  /** What the sign-in page does: signs up, and hands the code to the app in the fragment. */
  async function signIn(email: string, verifier: string, state: string): Promise<URLSearchParams> {
    const { body } = await plainClient.request<{ url: string }>('POST', paths.register, {
      email,
      password: 'a long pass phrase of no user',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      app,
      state,
    });
    const back = new URL(body.url);
    expect(back.search).equal('');
    return oauth.validateAuthResponse(as, client, new URLSearchParams(back.hash.slice(1)), state);
  }

  /** What a client of OAuth sends a browser to, and what the sign-in page makes of it. */
  async function authorize(parameters: Record<string, string>) {
    const address = new URL(as.authorization_endpoint!);
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    expect((await fetch(address)).status).equal(200);
    return plainClient.request<SignInRequestResponse & Problem>('GET', paths.signInRequest + address.search);
  }

  async function redeem(callback: URLSearchParams, verifier: string) {
    const answer = await oauth.authorizationCodeGrantRequest(as, client, publicClient, callback, app, verifier, plain);
    return oauth.processAuthorizationCodeResponse(as, client, answer);
  }

  async function refresh(token: string, additionalParameters: Record<string, string> = {}) {
    const options = { ...plain, additionalParameters };
    const answer = await oauth.refreshTokenGrantRequest(as, client, publicClient, token, options);
    return oauth.processRefreshTokenResponse(as, client, answer);
  }

  async function open(email: string) {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    return redeem(await signIn(email, verifier, state), verifier);
  }

  const errorOf = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: unknown) => (error instanceof oauth.ResponseBodyError ? error.error : String(error)),
    );

  const isAlive = async (accessToken: string) => {
    const { status } = await plainClient.request('GET', paths.me, undefined, {
      authorization: `Bearer ${accessToken}`,
    });
    return status === 200;
  };

  it('discover the service', () => {
    expect(as.issuer).equal(service.url);
    expect(as.code_challenge_methods_supported).eql(['S256']);
    expect(as.authorization_endpoint).equal(`${service.url}/signin`);
    expect(as.authorization_response_iss_parameter_supported).equal(true);
  });

  it('sign in with the parameters of RFC 6749, and receive state and iss', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const asked = await authorize({
      ...{ client_id: client.client_id, redirect_uri: app, response_type: 'code', response_mode: 'fragment', state },
      ...{ scope: 'a:read', code_challenge: await oauth.calculatePKCECodeChallenge(verifier) },
      code_challenge_method: 'S256',
    });
    expect(asked.body.request).include({ app, state, scope: 'a:read' });
    const who = { email: 'standard@example.test', password: 'a long pass phrase of no user' };
    const { body } = await plainClient.request<{ url: string }>('POST', paths.register, {
      ...who,
      ...asked.body.request,
    });
    const back = new URLSearchParams(new URL(body.url).hash.slice(1));
    expect(back.get('iss')).equal(as.issuer);
    const callback = oauth.validateAuthResponse(as, client, back, state);
    const granted = await redeem(callback, verifier);
    expect(await isAlive(granted.access_token)).equal(true);
    back.set('iss', 'https://another.example');
    expect(() => oauth.validateAuthResponse(as, client, back, state), 'another issuer').to.throw();
  });

  it('are refused unsupported parameters by name', async () => {
    const good = { redirect_uri: app, response_type: 'code', state: 's', code_challenge_method: 'S256' };
    const code_challenge = await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier());
    for (const [name, value] of [
      ['response_type', 'token'],
      ['response_mode', 'query'],
      ['redirect_uri', 'https://elsewhere.example/'],
    ] as const) {
      const { status, body } = await authorize({ ...good, code_challenge, [name]: value });
      expect([status, body.errors?.map(({ path }) => path)]).eql([400, [name]]);
    }
  });

  it('redeem a code once', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const callback = await signIn('once@example.test', verifier, 'state-1');
    const granted = await redeem(callback, verifier);
    expect(granted.token_type).equal('bearer');
    expect(granted.expires_in).within(200, 330);
    expect(granted.refresh_token).a('string');
    expect(await isAlive(granted.access_token)).equal(true);
    expect(await errorOf(redeem(callback, verifier))).equal('invalid_grant');
    expect(await isAlive(granted.access_token), 'a code used twice ends what it opened').equal(false);
  });

  it('are refused a code without its verifier', async () => {
    const verifier = oauth.generateRandomCodeVerifier();
    const callback = await signIn('pkce@example.test', verifier, 'state-2');
    expect(await errorOf(redeem(callback, oauth.generateRandomCodeVerifier()))).equal('invalid_grant');
  });

  it('refresh, each time with the next token', async () => {
    const first = await open('refresh@example.test');
    const second = await refresh(first.refresh_token!);
    const third = await refresh(second.refresh_token!);
    expect(new Set([first, second, third].map((granted) => granted.refresh_token))).have.property('size', 3);
    expect(third.session_id).equal(first.session_id);
  });

  it('get the identical token again with the same key after a lost answer', async () => {
    const first = await open('lost@example.test');
    const rotation_key = newKey();
    const lost = await refresh(first.refresh_token!, { rotation_key });
    const again = await refresh(first.refresh_token!, { rotation_key });
    expect(again.refresh_token).equal(lost.refresh_token);
    const also = { rotation_key: newKey(), also_rotation_keys: `${newKey()} ${rotation_key}` };
    expect((await refresh(lost.refresh_token!, also)).refresh_token).not.equal(lost.refresh_token);
  });

  it('lose the session by a replaced token', async () => {
    const first = await open('reuse@example.test');
    const second = await refresh(first.refresh_token!, { rotation_key: newKey() });
    const third = await refresh(second.refresh_token!, { rotation_key: newKey() });
    expect(await errorOf(refresh(first.refresh_token!))).equal('invalid_grant');
    expect(await errorOf(refresh(third.refresh_token!))).equal('invalid_grant');
    expect(await isAlive(third.access_token)).equal(false);
  });

  it('are refused one kind of credential in the place of another', async () => {
    const granted = await open('kinds@example.test');
    expect(await errorOf(refresh(granted.access_token))).equal('invalid_grant');
    const answer = new URLSearchParams({ code: granted.refresh_token!, iss: as.issuer });
    const wrong = oauth.validateAuthResponse(as, client, answer);
    expect(await errorOf(redeem(wrong, oauth.generateRandomCodeVerifier()))).equal('invalid_grant');
    expect(await isAlive(granted.access_token)).equal(true);
  });

  it('revoke by either token, and do not reveal an unknown one', async () => {
    for (const kind of ['access_token', 'refresh_token'] as const) {
      const granted = await open(`revoke-${kind.replace('_', '-')}@example.test`);
      const options = { ...plain, additionalParameters: { token_type_hint: kind } };
      const answer = await oauth.revocationRequest(as, client, publicClient, granted[kind]!, options);
      expect(await oauth.processRevocationResponse(answer)).equal(undefined);
      expect(await isAlive(granted.access_token)).equal(false);
      expect(await errorOf(refresh(granted.refresh_token!))).equal('invalid_grant');
    }
    const unknown = await oauth.revocationRequest(as, client, publicClient, 'never-seen-before', plain);
    expect(await oauth.processRevocationResponse(unknown)).equal(undefined);
  });

  it('verify access tokens by the profile of RFC 9068', async () => {
    const { access_token } = await open('profile@example.test');
    const request = new Request(service.url, { headers: { authorization: `Bearer ${access_token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, service.url, plain);
    expect(claims.iss).equal(service.url);
    expect(claims).include.keys('sub', 'sid', 'tid', 'jti', 'client_id', 'auth_time', 'amr');
    const wrong = oauth.validateJwtAccessToken(as, request, 'https://another.test', plain);
    expect(await errorOf(wrong)).match(/aud/);
  });

  it('verify access tokens with jose and the remote key set', async () => {
    const { access_token, session_id } = await open('jose@example.test');
    const keys = createRemoteJWKSet(new URL(as.jwks_uri!));
    const { payload, protectedHeader } = await jwtVerify(access_token, keys, {
      issuer: service.url,
      audience: service.url,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['sub', 'exp', 'iat', 'jti', 'client_id'],
    });
    expect(payload.sid).equal(session_id);
    expect(protectedHeader.kid).a('string');
  });
});
