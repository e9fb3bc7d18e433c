import { readFileSync } from 'node:fs';
import type { Grant } from '@latchkey/core';
import { expect } from 'chai';
import { transformSync } from 'esbuild';
import { sql } from 'kysely';
import type { HookFunctions } from '../../src/hook/hook.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer } from './fixture.ts';

const page = readFileSync('docs/build/metadata.md', 'utf8');

/** The hooks of the page, as the service would use them. */
function hooksOfPage(): HookFunctions {
  const [, source = ''] = /^```ts\n(.*?)^```/ms.exec(page) ?? [];
  const { code } = transformSync(source, { loader: 'ts' });
  return new Function(code.replaceAll(/^import .*$/gm, '').replace('export default', 'return'))();
}

onEachDatabase('docs/build/metadata.md', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database(), { hooks: hooksOfPage() });
  });
  afterEach(() => fixture.stop());

  const claimsOf = async ({ accessToken }: Pick<Grant, 'accessToken'>) =>
    (await fixture.flows.authenticate(accessToken)).claims;

  it('gives a user the roles of app_metadata alone', async () => {
    const { flows } = fixture;
    const profile = { roles: ['manager'], app_metadata: { roles: ['manager'] } };
    const answer = await flows.register(
      { email: 'ann@example.org', password, profile, codeChallenge: challenge },
      peer,
    );
    const grant = await fixture.redeem((answer as { code: string }).code, newKey());
    const caller = await flows.authenticate(grant.accessToken);
    expect(caller.claims).deep.include({ roles: [], theme: 'light' });
    await flows.updateProfile(caller, { userMetadata: { roles: ['manager'], theme: 'dark' } }, peer);
    expect(await claimsOf(await flows.refresh(grant.sid))).deep.include({ roles: [], theme: 'dark' });
    await sql`UPDATE users SET app_metadata = '{"roles":["manager","emperor"]}'`.execute(database().db);
    await flows.recomputeClaims(grant.userId);
    expect(await claimsOf(await flows.refresh(grant.sid))).deep.include({ roles: ['manager'], theme: 'dark' });
  });
});
