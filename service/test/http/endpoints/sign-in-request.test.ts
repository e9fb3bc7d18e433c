import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { call, challenge, openTestApp, type TestApp } from '../test-app.ts';

const request = {
  app: 'https://app.test/in',
  code_challenge: challenge,
  code_challenge_method: 'S256',
  state: 'a b&c',
};

describe('describeSignIn', () => {
  let app: TestApp;
  before(async () => {
    app = await openTestApp({ appUrls: [request.app, 'com.example.app:/in'], requirePkce: false });
  });
  after(() => app.close());
  const ask = (query: Record<string, string> | [string, string][]) =>
    call(app, 'GET', `${paths.signInRequest}?${new URLSearchParams(query)}`);

  it('returns the request for the login, and the origin', async () => {
    const full = { ...request, dpop_jkt: challenge, tenant: 'blue', scope: 'a:read b' };
    const answer = await ask({ ...full, login_hint: 'ada@example.com' });
    expect([answer.status, answer.json]).eql([200, { origin: 'https://app.test', request: full }]);
    expect(answer.headers.get('cache-control')).equal('no-store');
  });

  it('returns the address of an app with a custom scheme', async () => {
    expect((await ask({ ...request, app: 'com.example.app:/in' })).json.origin).equal('com.example.app:/in');
  });

  const wrong: [string, string, [string, string][]][] = [
    ['an app that is not on the list', 'app', [['app', 'https://app.test/in?x=1']]],
    ['an app that is nearly on the list', 'app', [['app', 'https://app.test/in/']]],
    ['a short challenge', 'code_challenge', [['code_challenge', 'abc']]],
    ['a plain challenge', 'code_challenge_method', [['code_challenge_method', 'plain']]],
    ['an empty state', 'state', [['state', '']]],
    ['scopes with two spaces between', 'scope', [['scope', 'a  b']]],
    ['a thumbprint of a wrong size', 'dpop_jkt', [['dpop_jkt', 'abc']]],
  ];
  for (const [name, path, changed] of wrong)
    it(`refuses ${name}`, async () => {
      const answer = await ask(Object.entries({ ...request, ...Object.fromEntries(changed) }));
      expect([answer.status, answer.json.code]).eql([400, 'invalid_request']);
      expect((answer.json.errors as { path: string }[]).map((error) => error.path)).eql([path]);
    });

  for (const name of Object.keys(request))
    it(`refuses a request without ${name}, or with a second one`, async () => {
      const fields = Object.entries(request);
      const twice = fields.filter(([key]) => key === name);
      for (const given of [fields.filter(([key]) => key !== name), [...fields, ...twice]]) {
        const answer = await ask(given);
        expect([answer.status, (answer.json.errors as { path: string }[])[0]?.path]).eql([400, name]);
      }
    });

  it('never writes the state into the log', async () => {
    app.reset();
    await ask({ ...request, state: 'a-secret-state' });
    await ask({ ...request, app: 'https://evil.test', state: 'a-secret-state' });
    expect(app.lines.join('\n')).include(paths.signInRequest).not.include('a-secret-state');
  });
});
