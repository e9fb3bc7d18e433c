import { randomBytes } from 'node:crypto';
import { adminPaths, type Problem, paths } from '@latchkey/contract';
import { expect } from 'chai';
import { newPkce } from '../../test-kit/client/plain-client.ts';
import { createProofMaker } from '../../test-kit/client/proof-maker.ts';
import { type PlantedService, plantService } from './planted-service.ts';

const password = 'a long pass phrase of no user';

describe('troubleshooting: sign-ins at the service', function () {
  this.timeout(60_000);
  let service: PlantedService;

  before(async () => {
    const slow = { LATCHKEY_ARGON2_AT_ONCE: '1', LATCHKEY_ARGON2_PASSES: '20' };
    service = await plantService({ env: { LATCHKEY_REGISTRATIONS_PER_ADDRESS: '1', ...slow } });
    await service.client.register('ann@example.test', password);
  });
  after(() => service.end());

  /** The code of a refusal. */
  async function refusal(path: string, more: object = {}): Promise<string> {
    const { challenge } = newPkce();
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const body = { email: 'ann@example.test', password, ...pkce, ...more };
    return (await service.client.request<Problem>('POST', path, body)).body.code;
  }

  it('sign_in_tenant_unknown: a page of a tenant that was never created', async () => {
    expect(await refusal(paths.login, { tenant: 'office' })).to.equal('tenant_unknown');
    await service.logged('sign_in_tenant_unknown', 'tenant');
  });

  it('scopes_refused: a page that requests scopes without a user who may have them', async () => {
    expect(await refusal(paths.login, { scope: 'accounts' })).to.equal('invalid_scope');
    expect((await service.logged('scopes_refused', 'LATCHKEY_DEFAULT_SCOPES')).scope).to.equal('accounts');
  });

  it('registrations_limited: many sign-ups from one address', async () => {
    expect(await refusal(paths.register, { email: 'ben@example.test' })).to.equal('rate_limited');
    await service.logged('registrations_limited', 'LATCHKEY_REGISTRATIONS_PER_ADDRESS');
  });

  it('proof_url_differs: a proof for another address of the service', async () => {
    const maker = await createProofMaker();
    const { code, code_verifier } = await service.client.login('ann@example.test', password, { dpop_jkt: maker.jkt });
    const dpop = await maker.make({ htm: 'POST', htu: `https://id.example${paths.oauthToken}` });
    const body = { grant_type: 'authorization_code', code, code_verifier };
    const answer = await service.client.request<Problem>('POST', paths.oauthToken, body, { dpop });
    expect(answer.body.code).to.equal('proof_invalid');
    const { detail } = await service.logged('proof_url_differs', 'LATCHKEY_PUBLIC_URL');
    expect(detail).to.include('https://id.example').and.to.include(service.url);
  });

  it('logins_limited: wrong passwords of clients that share an address', async () => {
    const wrong = () => refusal(paths.login, { password: 'another pass phrase of no user' });
    for (let i = 0; i < 10; i += 1) expect(await wrong()).to.equal('invalid_credentials');
    expect(await wrong()).to.equal('rate_limited');
    await service.logged('logins_limited', 'LATCHKEY_TRUST_PROXY');
  });

  it('mail_proofs_limited: many links of mails from one address', async () => {
    const body = { secret: randomBytes(32).toString('base64url') };
    const inspect = () => service.client.request<Problem>('POST', paths.linksInspect, body);
    for (let i = 0; i < 100; i += 1) expect((await inspect()).body.code).to.equal('link_invalid');
    const refused = await inspect();
    expect(refused.body.code).to.equal('rate_limited');
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 15 * 60);
    await service.logged('mail_proofs_limited', 'LATCHKEY_FAILED_LOGINS_PER_ADDRESS');
  });

  it('passwords_overloaded: more sign-ins at once than the processors can check', async () => {
    const addresses = Array.from({ length: 80 }, (_, at) => `user-${at}@example.test`);
    const codes = await Promise.all(addresses.map((email) => refusal(paths.login, { email })));
    expect(codes).to.include('overloaded');
    await service.logged('passwords_overloaded', 'LATCHKEY_ARGON2_AT_ONCE');
  });
});

describe('troubleshooting: sign-ups beside users of another system', function () {
  this.timeout(60_000);

  it('registration_hook_missing: findUserByCredentials without register', async () => {
    const service = await plantService({ hooks: { findUserByCredentials: () => null } });
    const { challenge } = newPkce();
    const body = { email: 'ann@example.test', password, code_challenge: challenge, code_challenge_method: 'S256' };
    const answer = await service.client.request<Problem>('POST', paths.register, body);
    expect(answer.body.code).to.equal('registration_closed');
    await service.logged('registration_hook_missing', 'LATCHKEY_HOOKS');
    await service.end();
  });

  it('verification_beside_hooks: verified addresses beside a hook that has the users', async () => {
    const service = await plantService({ hooks: { register: () => undefined } });
    const made = (await service.run('backend', 'create', 'Admin', '--scopes', 'admin')) as Record<string, string>;
    const authorization = `Basic ${Buffer.from(`${made.backend_id}:${made.backend_secret}`).toString('base64')}`;
    const path = `${adminPaths.tenants}/default`;
    const body = { email_verification: 'required' };
    const answer = await service.client.request<Problem>('PATCH', path, body, { authorization });
    expect(answer.body.code).to.equal('invalid_request');
    await service.logged('verification_beside_hooks', 'LATCHKEY_HOOKS');
    await service.end();
  });
});
