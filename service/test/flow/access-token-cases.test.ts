import { sign } from 'node:crypto';
import { type AccessClaims, adminAudience } from '@latchkey/contract';
import type { Latchkey } from '@latchkey/sdk-server';
import { composeLatchkey, type ServiceClient } from '@latchkey/sdk-server/internal';
import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { notCalled } from '../not-called.ts';
import { type TokenCase, tokenCases } from './access-token-cases.ts';
import { type Fixture, openFixture, peer } from './fixture.ts';

const presented = { scheme: 'Bearer' as const, method: 'GET', path: '/' };

/** A backend beside the fixture: the same keys, and a list of ended sessions that is empty. */
function latchkeyOf({ config, domain }: Fixture): Latchkey {
  const link: Partial<ServiceClient> = {
    serverId: '',
    authority: { onEnded: () => () => {}, onTenantChanged: () => () => {} } as unknown as ServiceClient['authority'],
    presenceCache: { all: () => [], onChange: () => () => {} },
    tenantLimits: { get: notCalled, set: notCalled },
    endedReason: () => undefined,
    now: domain.time.now,
    feed: () => ({ isReady: true, ageMs: 0, isStale: false, cursor: undefined }),
    onKeysChanged: () => {},
    markKeysRefreshed: () => {},
    open: () => {},
    close: () => {},
  };
  const { issuer, audience } = config;
  return composeLatchkey({
    issuer,
    audience,
    client: link as ServiceClient,
    keys: { find: domain.keys.findPublicKey, reload: async () => {} },
  });
}

onEachDatabase('an access token', (database) => {
  let fixture: Fixture;
  let latchkey: Latchkey;
  let claims: AccessClaims;
  let operator: AccessClaims;
  let backend: { id: string; secret: string };

  function made(base: AccessClaims, change: TokenCase): string {
    const { kid, privateKey } = fixture.domain.keys.current();
    const header = { alg: 'ES256', typ: 'at+jwt', kid, ...change.header };
    const input = [header, { ...base, ...change.claims }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const token = `${input}.${signature.toString('base64url')}`;
    return change.sent?.(token) ?? token;
  }

  /** Each entry point that takes access tokens of applications, and its answer for one. */
  const entryPoints: Record<string, (token: string) => Promise<string>> = {
    'service: bearer': (token) => codeOf(fixture.flows.authenticate(token)),
    'service: introspection': async (token) =>
      (await fixture.flows.introspect(backend, token)).active ? 'done' : 'unauthenticated',
    'sdk-server: verify': (token) => codeOf(latchkey.verify(token)),
  };
  /** Those that take tokens for `/admin`. */
  const adminEntryPoints: Record<string, (token: string) => Promise<string>> = {
    'service: /admin': (token) => codeOf(fixture.admin.authorize({ token, presented }, peer)),
    'service: news of operators': (token) => codeOf(fixture.admin.authorizeUpdates(token, claims.sid)),
  };

  async function saidOf(points: typeof entryPoints, token: string): Promise<Record<string, string>> {
    const said = Object.entries(points).map(async ([point, ask]) => [point, await ask(token)] as const);
    return Object.fromEntries(await Promise.all(said));
  }

  describe('of one of these kinds', () => {
    before(async () => {
      await emptyTables(database());
      fixture = await openFixture(database());
      latchkey = latchkeyOf(fixture);
      const { grant } = await fixture.enter();
      await fixture.domain.operators.setOperator(database().db, grant.userId, true);
      claims = (await fixture.flows.authenticate(grant.accessToken)).claims;
      operator = { ...claims, aud: adminAudience(fixture.config.issuer) };
      const made = await fixture.domain.backends.create(database().db, { name: 'App', scopes: ['introspect'] });
      backend = { id: made.backend.id, secret: made.secret };
    });
    after(async () => {
      latchkey.close();
      await fixture.stop();
    });

    for (const [title, { accepted }] of Object.entries(tokenCases(''))) {
      it(`${title} is ${accepted ? 'accepted' : 'refused'} by the service and by sdk-server alike`, async () => {
        const code = accepted ? 'done' : 'unauthenticated';
        const said = {
          ...(await saidOf(entryPoints, made(claims, tokenCases(claims.aud)[title]!))),
          ...(await saidOf(adminEntryPoints, made(operator, tokenCases(operator.aud)[title]!))),
        };
        const expected = Object.keys({ ...entryPoints, ...adminEntryPoints }).map((point) => [point, code]);
        expect(said).to.deep.equal(Object.fromEntries(expected));
      });
    }

    it('for applications is refused at /admin, and one for /admin everywhere else', async () => {
      for (const code of Object.values(await saidOf(adminEntryPoints, made(claims, { accepted: false }))))
        expect(code).to.equal('unauthenticated');
      for (const code of Object.values(await saidOf(entryPoints, made(operator, { accepted: false }))))
        expect(code).to.equal('unauthenticated');
    });
  });
});
