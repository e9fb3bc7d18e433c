import { readFileSync } from 'node:fs';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import type { HookFunctions } from '../../src/hook/hook.ts';
import { createHooks } from '../../src/hook/hooks.ts';

/** The example in the doc comment of `HookFunctions`, as a module. */
async function exampleHooks(): Promise<HookFunctions> {
  const source = readFileSync(new URL('../../src/hook/hook.ts', import.meta.url), 'utf8');
  const [, comment = ''] = /@example\n([\s\S]*?)\*\//.exec(source) ?? [];
  const code = comment.replaceAll(/^ *\* ?/gm, '').replace(' satisfies HookFunctions', '');
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return module.default;
}

const user = (id: string, profile: Record<string, unknown>) => ({
  ...{ id, tenantId: 'default', email: 'ann@example.org', externalId: null, profile },
  ...{ operator: false, credentialVersion: 1, disabledAt: null, createdAt: new Date(0) },
});

describe('the example of HookFunctions', () => {
  it('returns no role for a user whose profile contains one', async () => {
    const hooks = createHooks(await exampleHooks(), { clock: createSystemClock(), onFailure: () => {} });
    const claims = await hooks.claim(user('0b0e6f2e-39b4-4a8c-8a39-0a3d2b8a7c55', { name: 'Ann', roles: ['admin'] }));
    expect(claims).to.deep.equal({ name: 'Ann', roles: [] });
  });

  it('returns the roles that are stored for the user id', async () => {
    const hooks = createHooks(await exampleHooks(), { clock: createSystemClock(), onFailure: () => {} });
    const claims = await hooks.claim(user('3f0c7a9e-5d0b-4c53-9a37-8c1f4b1f6a2d', {}));
    expect(claims.roles).to.deep.equal(['accountant']);
  });
});
