import { Failure, paths, type SignInRequest } from '@latchkey/contract';
import { expect } from 'chai';
import { createRedirectSignIn } from '../../src/redirect/redirect-sign-in.ts';

const request: SignInRequest = {
  app: 'https://app.test/in',
  code_challenge: 'c',
  code_challenge_method: 'S256',
  state: 's',
  tenant: 'blue',
};
const ada = { email: 'ada@example.com', password: 'correct horse' };

describe('createRedirectSignIn', () => {
  const asked: { url: string; init: RequestInit }[] = [];
  const visited: (string | URL)[] = [];
  const answering = (body: unknown, status = 200) =>
    createRedirectSignIn(
      request,
      { origin: 'https://id.test', replace: (url) => void visited.push(url) },
      async (url, init = {}) => {
        asked.push({ url: String(url), init });
        return new Response(JSON.stringify(body), { status });
      },
    );
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (why: unknown) => (why instanceof Failure ? why.code : why),
    );
  beforeEach(() => {
    asked.length = 0;
    visited.length = 0;
  });

  it('posts the password with the request of the app, and returns to the app', async () => {
    const url = `${request.app}#code=c&state=s`;
    expect(await answering({ url, expires_in: 30 })(paths.login, { ...ada, tenant: 'blue' })).to.equal('signed_in');
    expect(asked[0]?.url).to.equal('https://id.test/login');
    expect(asked[0]?.init).to.include({ credentials: 'omit', cache: 'no-store' });
    expect(JSON.parse(String(asked[0]?.init.body))).to.deep.equal({ ...ada, ...request });
    expect(visited).to.deep.equal([url]);
  });

  it('names no tenant where the proof says it', async () => {
    await answering({ url: 'https://app.test/in#code=c', expires_in: 30 })(paths.emailVerify, {
      ticket: 't',
      code: '1',
    });
    expect(JSON.parse(String(asked[0]?.init.body))).to.not.have.property('tenant');
  });

  it('stays where a mail was sent in place of a code', async () => {
    expect(await answering({ expires_in: 86_400 }, 202)(paths.register, ada)).to.equal('mail_sent');
    expect(visited).to.deep.equal([]);
  });

  it('rejects an answer without a URL, and refusals', async () => {
    expect(await codeOf(answering({ code: 'c', expires_in: 30 })(paths.login, ada))).to.equal('internal_error');
    const refused = answering({ code: 'invalid_credentials' }, 401);
    expect(await codeOf(refused(paths.login, ada))).to.equal('invalid_credentials');
    expect(visited).to.deep.equal([]);
  });
});
