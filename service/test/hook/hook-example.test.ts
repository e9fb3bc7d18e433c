import { readFileSync } from 'node:fs';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import type { HookFunctions } from '../../src/hook/hook.ts';
import { createHooks } from '../../src/hook/hooks.ts';
import { userOf } from '../user.ts';

/** The example in the doc comment of `HookFunctions`, as a module. */
async function exampleHooks(): Promise<HookFunctions> {
  const source = readFileSync(new URL('../../src/hook/hook.ts', import.meta.url), 'utf8');
  const [, comment = ''] = /@example\n([\s\S]*?)\*\//.exec(source) ?? [];
  const code = comment.replaceAll(/^ *\* ?/gm, '').replace(' satisfies HookFunctions', '');
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return module.default;
}

describe('the example of HookFunctions', () => {
  it('returns no role for a user whose profile contains one', async () => {
    const hooks = createHooks(await exampleHooks(), { clock: createSystemClock(), onFailure: () => {} });
    const claims = await hooks.claim(userOf({ profile: { name: 'Ann', roles: ['admin'] } }));
    expect(claims).to.deep.equal({ roles: [] });
  });

  it('returns the roles that an administrator stored', async () => {
    const hooks = createHooks(await exampleHooks(), { clock: createSystemClock(), onFailure: () => {} });
    const claims = await hooks.claim(userOf({ appMetadata: { roles: ['accountant'] } }));
    expect(claims.roles).to.deep.equal(['accountant']);
  });
});
