import { readFileSync } from 'node:fs';
import { fail, tokenTypes } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { transformSync } from 'esbuild';
import { stub } from 'sinon';
import { codeOf } from '../../../test-kit/codes.ts';
import type { HookFunctions, HookName } from '../../src/hook/hook.ts';
import { createHooks, hookNames } from '../../src/hook/hooks.ts';
import { userOf } from '../user.ts';

const page = readFileSync('docs/build/hooks.md', 'utf8');

/** The example of a hook, as the service would use it. */
function exampleOf(name: HookName) {
  const [, source = ''] = new RegExp(`^## \`${name}\`$.*?^\`\`\`ts\n(.*?)^\`\`\``, 'ms').exec(page) ?? [];
  const { code } = transformSync(source, { loader: 'ts' });
  const body = code.replaceAll(/^import .*$/gm, '').replace('export default', 'return');
  const example = new Function('fail', body)(fail) as HookFunctions;
  expect(Object.keys(example)).to.deep.equal([name]);
  const troubles: unknown[] = [];
  const onFailure = (...trouble: unknown[]) => void troubles.push(trouble);
  const hooks = createHooks(example, { clock: createSystemClock(), onFailure });
  return { hooks, troubles };
}

const user = userOf({ tenantId: 'office' });
const other = { ...user, id: '0b0e6f2e-39b4-4a8c-8a39-0a3d2b8a7c55' };
const credentials = { email: 'ann@example.org', password: 'correct horse', tenantId: 'office' };
const sign = (payload: object) => JSON.stringify(payload);

describe('docs/build/hooks.md', () => {
  it('has exactly one section and one row for each hook', () => {
    const sections = [...page.matchAll(/^## `(\w+)`$/gm)].map(([, name]) => name);
    expect(sections).to.deep.equal([...hookNames]);
    for (const name of hookNames) expect(page).to.include(`| \`${name}(`);
  });

  it('claim: has the roles that administrators gave, and none of the client', async () => {
    const { hooks } = exampleOf('claim');
    const roles = ['clerk'];
    expect(await hooks.claim({ ...user, appMetadata: { roles } })).to.deep.equal({ roles });
    const claimed = { profile: { roles }, userMetadata: { roles } };
    expect(await hooks.claim({ ...user, ...claimed })).to.deep.equal({ roles: [] });
  });

  it('scopes: by user id', async () => {
    const { hooks } = exampleOf('scopes');
    expect(await hooks.scopes!(user)).to.deep.equal(['accounts', 'report']);
    expect(await hooks.scopes!(other)).to.deep.equal(['accounts']);
  });

  it('findUserByCredentials: finds a user, or none', async () => {
    const { hooks } = exampleOf('findUserByCredentials');
    expect(await hooks.findUserByCredentials!(credentials)).to.deep.equal({
      externalId: '17',
      email: credentials.email,
    });
    expect(await hooks.findUserByCredentials!({ ...credentials, password: 'wrong' })).to.equal(null);
    expect(await codeOf(hooks.register({ ...credentials, profile: {} }))).to.equal('registration_closed');
  });

  it('register: refuses other addresses with its own failure, without a report', async () => {
    const { hooks, troubles } = exampleOf('register');
    expect(await hooks.register({ ...credentials, profile: {} })).to.equal(undefined);
    expect(await codeOf(hooks.register({ ...credentials, email: 'a@b.example', profile: {} }))).to.equal('forbidden');
    expect(troubles).to.deep.equal([]);
  });

  it('getTenantId: by the domain of the address', async () => {
    const { hooks } = exampleOf('getTenantId');
    const ask = (email: string, tenant?: string) => hooks.getTenantId({ email, tenant, address: null });
    expect(await ask('ann@office.example', 'shop')).to.equal('office');
    expect([await ask('a@b.example', 'shop'), await ask('a@b.example')]).to.deep.equal(['shop', 'default']);
  });

  it('appUrl: adds to the query, the code in the fragment', async () => {
    const { hooks } = exampleOf('appUrl');
    const context = { user, app: 'https://app.example/in', state: 's', issuer: 'https://id.example' };
    expect(await hooks.appUrl('CODE', context)).to.equal(
      'https://app.example/in?lang=de#code=CODE&state=s&iss=https%3A%2F%2Fid.example',
    );
  });

  for (const [name, claim] of [
    ['authorization', { device: 'kiosk' }],
    ['refresh', { region: 'eu' }],
  ] as const)
    it(`${name}: adds a claim`, async () => {
      const { hooks } = exampleOf(name);
      const payload = { sub: user.id, typ: tokenTypes.code };
      expect(JSON.parse(await hooks[name](payload, sign))).to.deep.equal({ ...claim, ...payload });
    });

  const tenant = { id: 'office', name: 'Office' };

  it('renderMail: replaces the words of one mail', async () => {
    const { hooks } = exampleOf('renderMail');
    const data = { link: 'https://id.example/reset#secret=s' };
    const render = (template: 'reset_password' | 'test') => hooks.renderMail!({ template, locale: 'de', tenant, data });
    expect(await render('reset_password')).to.deep.equal({
      subject: 'A new password for Office',
      text: `Open this link: ${data.link}`,
      html: `<p><a href="${data.link}">Choose a new password</a></p>`,
    });
    expect(await render('test')).to.equal(undefined);
  });

  it('sendMail: hands the mail to a service, and fails where that does', async () => {
    const { hooks, troubles } = exampleOf('sendMail');
    const mail = { to: 'ann@example.org', subject: 's', text: 't', html: 'h' };
    const fetched = stub(globalThis, 'fetch');
    try {
      fetched.resolves(new Response());
      await hooks.sendMail!({ ...mail, messageId: '<1@id.example>' });
      const [, { headers, body }] = fetched.firstCall.args as [string, { headers: object; body: string }];
      expect(headers).to.include({ 'idempotency-key': '<1@id.example>' });
      expect(JSON.parse(body)).to.deep.equal(mail);
      fetched.resolves(new Response('', { status: 500 }));
      expect(await codeOf(hooks.sendMail!({ ...mail, messageId: '<1@id.example>' }))).to.equal('internal_error');
      expect(troubles).to.have.length(1);
    } finally {
      fetched.restore();
    }
  });

  it('onLogin: takes the login', async () => {
    const { hooks, troubles } = exampleOf('onLogin');
    await hooks.onLogin({ user, sessionId: 's1', address: null, userAgent: null });
    expect(troubles).to.deep.equal([]);
  });
});
