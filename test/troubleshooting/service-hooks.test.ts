import { createSession } from '@latchkey/sdk-browser';
import type { HookFunctions } from '@latchkey/service';
import { expect } from 'chai';
import { type PlantedService, plantService } from './planted-service.ts';

const password = 'a long pass phrase of no user';

describe('troubleshooting: hooks of the service', function () {
  this.timeout(60_000);
  let service: PlantedService;
  let claim: HookFunctions['claim'];
  let emails = 0;

  before(async () => {
    const hooks: HookFunctions = { claim: (user) => claim!(user) };
    service = await plantService({ hooks, env: { LATCHKEY_HOOK_TIMEOUT_IN_SECS: '1' } });
  });
  after(() => service.end());

  /** What a page that signs up is told. */
  async function signUp(hook: HookFunctions['claim']): Promise<{ code: string; tookMs: number }> {
    claim = hook;
    const session = createSession({ url: service.url });
    const begun = performance.now();
    emails += 1;
    const answer = session.register({ email: `ada-${emails}@example.test`, password });
    const code = await answer.then(
      () => 'signed in',
      (error: { code: string }) => error.code,
    );
    session.close();
    return { code, tookMs: performance.now() - begun };
  }

  it('hook_failed: a hook that throws', async () => {
    const { code } = await signUp(() => {
      throw new Error('the table app_roles does not exist');
    });
    expect(code).to.equal('internal_error');
    const line = await service.logged('hook_failed', 'LATCHKEY_HOOKS');
    expect(line.hook).to.equal('claim');
    expect(String(line.err)).to.include('app_roles');
  });

  it('hook_timeout: a hook that hangs', async () => {
    const { code, tookMs } = await signUp(() => new Promise(() => {}));
    expect(code).to.equal('internal_error');
    expect(tookMs, 'well before the code has expired').to.be.below(20_000);
    const { hook, reason } = await service.logged('hook_timeout', 'LATCHKEY_HOOK_TIMEOUT_IN_SECS');
    expect([hook, reason]).to.deep.equal(['claim', 'hook claim took longer than 1000 ms']);
  });

  it('hook_result_invalid: a hook that returns no claims', async () => {
    expect((await signUp(() => ['admin'] as never)).code).to.equal('internal_error');
    const { hook, reason } = await service.logged('hook_result_invalid', 'LATCHKEY_HOOKS');
    expect(hook).to.equal('claim');
    expect(reason).to.include('hook claim returned');
  });

  it('signs in as soon as the hook is correct', async () => {
    expect((await signUp(() => ({ roles: [] }))).code).to.equal('signed in');
  });
});
