import { fail, paths } from '@latchkey/contract';
import { expect } from 'chai';
import { bearer, call, code, deadlineOf, grant, now, openTestApp, type TestApp, token, verifier } from './test-app.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const challenged = { code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' };
const grants = {
  authorization_code: { grant_type: 'authorization_code', code, code_verifier: verifier },
  refresh_token: { grant_type: 'refresh_token', refresh_token: token },
};

describe('the time of a request over HTTP', () => {
  let app: TestApp;
  before(async () => {
    app = await openTestApp();
  });
  beforeEach(() => app.reset());
  after(() => app.close());

  const post = (path: string, body: unknown, headers?: Record<string, string>) =>
    call(app, 'POST', path, body, headers);
  const deadlineShown = () => app.calls.find(({ name }) => name === 'exchange')?.args[2];

  for (const [name, body] of Object.entries(grants)) {
    it(`is read from asked_at of ${name}, in JSON and in a form`, async () => {
      await post(paths.oauthToken, { ...body, asked_at: now - 1_000 });
      expect(deadlineShown()).to.deep.equal(deadlineOf(now - 1_000));
      app.reset();
      await post(paths.oauthToken, new URLSearchParams({ ...body, asked_at: String(now - 2_000) }).toString(), form);
      expect(deadlineShown()).to.deep.equal(deadlineOf(now - 2_000));
    });

    it(`is the time of reading when ${name} has no asked_at`, async () => {
      await post(paths.oauthToken, body);
      expect(deadlineShown()).to.deep.equal(deadlineOf());
    });

    it(`is refused when asked_at of ${name} is malformed`, async () => {
      for (const asked_at of [-1, 'soon', '1e3', [], {}, Number.MAX_SAFE_INTEGER + 1]) {
        const { status, json } = await post(paths.oauthToken, { ...body, asked_at });
        expect([status, json.code], String(asked_at)).to.deep.equal([400, 'invalid_request']);
      }
    });
  }

  for (const [flow, path, body] of [
    ['logout', paths.logout, {}],
    ['changePassword', paths.mePassword, { current_password: 'one', new_password: 'two' }],
  ] as const)
    it(`is read from asked_at at ${path}, which is refused when it is malformed`, async () => {
      const shown = () => app.calls.find(({ name }) => name === flow)?.args.at(-1);
      await post(path, { ...body, asked_at: now - 1_000 }, bearer);
      expect(shown()).to.deep.equal(deadlineOf(now - 1_000));
      app.reset();
      await post(path, body, bearer);
      expect(shown()).to.deep.equal(deadlineOf());
      expect((await post(path, { ...body, asked_at: 'soon' }, bearer)).status).to.equal(400);
    });

  it('is the time of reading at a registration', async () => {
    await post(paths.register, { email: 'a@b.test', password: 'tall blue window', ...challenged });
    expect(app.calls.find(({ name }) => name === 'register')?.args[2]).to.deep.equal(deadlineOf());
  });

  it('is answered with the time of the database, also in a refusal', async () => {
    app.script({ exchange: () => ({ ...grant, nowMs: now + 7 }), logout: () => Promise.reject(fail('unavailable')) });
    expect((await post(paths.oauthToken, grants.refresh_token)).json).to.include({ now: now + 7 });
    expect((await post(paths.logout, {}, bearer)).json).to.include({ code: 'unavailable', now });
    app.script({ exchange: () => Promise.reject(fail('busy')) });
    expect((await post(paths.oauthToken, grants.refresh_token)).json).to.include({ code: 'busy', now });
    expect((await post(paths.oauthToken, {})).json).to.include({ code: 'invalid_request', now });
  });
});
