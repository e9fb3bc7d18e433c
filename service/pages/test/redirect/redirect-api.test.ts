import { Failure, type SignInRequest } from '@latchkey/contract';
import { expect } from 'chai';
import { createRedirectApi } from '../../src/redirect/redirect-api.ts';

const request: SignInRequest = {
  app: 'https://app.test/in',
  code_challenge: 'c',
  code_challenge_method: 'S256',
  state: 's',
};

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

  it('rejects with a failure', async () => {
    const offline = createRedirectApi(() => Promise.reject(new TypeError('offline')), 'https://id.test');
    expect(await codeOf(offline.describe('?app=x'))).to.equal('unavailable');
    const refused = answering(json({ code: 'invalid_request' }, 400));
    expect(await codeOf(refused.describe('?app=x'))).to.equal('invalid_request');
  });
});
