import { Failure, type SignInRequest } from '@latchkey/contract';
import { expect } from 'chai';
import { createRedirectApi } from '../../src/redirect/redirect-api.ts';

const request: SignInRequest = {
  app: 'https://app.test/in',
  code_challenge: 'c',
  code_challenge_method: 'S256',
  state: 's',
};
const ada = { email: 'ada@example.com', password: 'correct horse' };

describe('createRedirectApi', () => {
  const asked: { url: string; init: RequestInit }[] = [];
  const answering = (answer: () => Response) =>
    createRedirectApi(async (url, init = {}) => {
      asked.push({ url: String(url), init });
      return answer();
    }, 'https://id.test');
  const json =
    (body: unknown, status = 200) =>
    () =>
      new Response(JSON.stringify(body), { status });
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (why: unknown) => (why instanceof Failure ? why.code : why),
    );
  beforeEach(() => {
    asked.length = 0;
  });

  it('sends the query of the address for validation', async () => {
    const described = { origin: 'https://app.test', request };
    expect(await answering(json(described)).describe('?app=x&state=s')).to.deep.equal(described);
    expect(asked[0]?.url).to.equal('https://id.test/signin/request?app=x&state=s');
  });

  it('posts the password with the request of the app, and returns the redirect URL', async () => {
    const url = `${request.app}#code=c&state=s`;
    expect(await answering(json({ url, expires_in: 30 })).signIn('login', ada, request)).to.equal(url);
    expect(asked[0]?.url).to.equal('https://id.test/login');
    expect(JSON.parse(String(asked[0]?.init.body))).to.deep.equal({ ...ada, ...request });
  });

  it('rejects an answer without a URL', async () => {
    const refused = json({ code: 'invalid_credentials' }, 401);
    expect(await codeOf(answering(json({ code: 'c' })).signIn('login', ada, request))).to.equal('internal_error');
    expect(await codeOf(answering(refused).signIn('register', ada, request))).to.equal('invalid_credentials');
    const offline = createRedirectApi(() => Promise.reject(new TypeError('offline')), 'https://id.test');
    expect(await codeOf(offline.describe('?app=x'))).to.equal('unavailable');
  });
});
