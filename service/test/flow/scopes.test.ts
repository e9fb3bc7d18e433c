import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { codeOf } from '../../../test-kit/codes.ts';
import type { HookFunctions } from '../../src/hook/hook.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer } from './fixture.ts';

const env = { LATCHKEY_DEFAULT_SCOPES: 'report:read,report:write' };
const email = 'ann@example.org';

onEachDatabase('scopes', (database) => {
  let fixture: Fixture;
  const open = async (hooks: HookFunctions = {}) => {
    fixture = await openFixture(database(), { env, hooks });
  };
  beforeEach(() => emptyTables(database()));
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  const input = (scope?: string) => ({ email, password, codeChallenge: challenge, scope });
  const codeIn = (answer: unknown) => (answer as { code: string }).code;
  const register = async (scope?: string) =>
    fixture.redeem(codeIn(await fixture.flows.register(input(scope), peer)), newKey());
  const login = async (scope?: string) =>
    fixture.redeem(codeIn(await fixture.flows.login(input(scope), peer)), newKey());
  const rotate = (token: string, scope?: string) =>
    fixture.flows.exchange({
      credential: token,
      rotationKey: newKey(),
      alsoRotationKeys: [],
      peer,
      isDisconnected: () => false,
      scope,
    });
  const scopeOf = ({ accessToken }: { accessToken: string }) => decodeJwt(accessToken).scope;

  it('are in no access token while none are configured', async () => {
    fixture = await openFixture(database());
    const grant = await register();
    expect([grant.scope, scopeOf(grant)]).to.deep.equal(['', undefined]);
    expect(await codeOf(fixture.flows.login(input('report:read'), peer))).to.equal('invalid_scope');
  });

  it('are all that the user may have when the sign-in requests none', async () => {
    await open();
    const grant = await register();
    expect([grant.scope, scopeOf(grant)]).to.deep.equal(['report:read report:write', 'report:read report:write']);
  });

  it('are those that the sign-in requested, also after a rotation and a refresh', async () => {
    await open();
    await register();
    const grant = await login('report:read');
    for (const each of [grant, await rotate(grant.token), await fixture.flows.refresh(grant.sid)])
      expect([each.scope, scopeOf(each)]).to.deep.equal(['report:read', 'report:read']);
  });

  it('are reduced to those that the user may have when the sign-in requests more', async () => {
    await open();
    expect((await register('report:read report:delete')).scope).to.equal('report:read');
    expect((await login('report:write report:delete')).scope).to.equal('report:write');
    expect(await codeOf(fixture.flows.login(input('report:delete'), peer))).to.equal('invalid_scope');
  });

  for (const scope of ['', ' report:read', 'report:read  report:write', 'caf\u00e9', 'a"b', 'x'.repeat(513)])
    it(`are refused when malformed: ${JSON.stringify(scope.slice(0, 30))}`, async () => {
      await open();
      expect(await codeOf(fixture.flows.login(input(scope), peer))).to.equal('invalid_request');
    });

  it('are reduced for one access token at a refresh, and not for the session (RFC 6749 §6)', async () => {
    await open();
    const grant = await register();
    expect(scopeOf(await fixture.flows.refresh(grant.sid, { scope: 'report:write' }))).to.equal('report:write');
    const rotated = await rotate(grant.token, 'report:read');
    expect(scopeOf(rotated)).to.equal('report:read');
    expect(scopeOf(await fixture.flows.refresh(grant.sid))).to.equal('report:read report:write');
  });

  it('are refused at a refresh that requests more than the session has, without a rotation', async () => {
    await open();
    await register();
    const grant = await login('report:read');
    for (const scope of ['report:write', 'report:read report:write', 'nothing']) {
      expect(await codeOf(fixture.flows.refresh(grant.sid, { scope }))).to.equal('invalid_scope');
      expect(await codeOf(rotate(grant.token, scope))).to.equal('invalid_scope');
    }
    expect((await rotate(grant.token)).generation).to.equal(2);
  });

  it('are read from the hook for each access token, so that a change applies to the next one', async () => {
    let scopes = ['admin', 'report:read', 'admin'];
    await open({ scopes: (user) => (user.email === email ? scopes : []) });
    const grant = await register();
    expect(scopeOf(grant)).to.equal('admin report:read');
    scopes = ['report:read'];
    expect(scopeOf(await fixture.flows.refresh(grant.sid))).to.equal('report:read');
    scopes = [];
    const rotated = await rotate(grant.token);
    expect([rotated.scope, scopeOf(rotated)]).to.deep.equal(['', undefined]);
  });

  for (const [what, scopes] of [
    ['a text', 'admin'],
    ['a scope with a space', ['report read']],
    ['too many', Array.from({ length: 300 }, (_, i) => `scope${i}`)],
  ] as const)
    it(`are an internal error when the hook returns ${what}`, async () => {
      await open({ scopes: () => scopes as never });
      const { code } = (await fixture.flows.register(input(), peer)) as { code: string };
      expect(await codeOf(fixture.redeem(code, newKey()))).to.equal('internal_error');
    });

  it('cannot be set by other hooks', async () => {
    await open({
      claim: () => ({ scope: 'admin' }),
      refresh: (payload, sign) => sign({ ...payload, scope: 'admin' }),
      authorization: (payload, sign) => sign({ ...payload, scope: 'admin' }),
    });
    expect(scopeOf(await register('report:read'))).to.equal('report:read');
  });

  it('are part of the introspection of an access token and of a session token', async () => {
    await open();
    const grant = await register('report:read');
    const asked = { name: 'App', scopes: ['introspect'] as const };
    const { backend, secret } = await fixture.domain.backends.create(database().db, asked);
    for (const token of [grant.accessToken, grant.token])
      expect(await fixture.flows.introspect({ id: backend.id, secret }, token)).to.include({
        active: true,
        scope: 'report:read',
      });
  });
});
