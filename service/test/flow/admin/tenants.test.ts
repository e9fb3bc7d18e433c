import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { backendActor } from '../actors.ts';
import { type Fixture, openFixture } from '../fixture.ts';

onEachDatabase('policies of a tenant that need mail', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  const policies = [{ emailVerification: 'required' as const }, { emailSignIn: true }];

  it('are refused while no mail can be sent, and change nothing', async () => {
    fixture.hasMail = false;
    for (const policy of policies) {
      const created = fixture.admin.createTenant(backendActor, { id: 'bank', name: 'Bank', ...policy });
      expect(await codeOf(created)).equal('mail_unavailable');
      expect(await codeOf(fixture.admin.updateTenant(backendActor, 'default', policy))).equal('mail_unavailable');
    }
    const tenant = await fixture.admin.findTenant(backendActor, 'default');
    expect(tenant).include({ email_verification: 'off', email_sign_in: false });
    expect(await codeOf(fixture.admin.updateTenant(backendActor, 'default', { emailVerification: 'off' }))).equal(
      'done',
    );
  });

  it('cannot require verified addresses beside hooks that have the users', async () => {
    for (const hooks of [{ register: () => undefined }, { findUserByCredentials: () => null }]) {
      const hooked = await openFixture(database(), { hooks });
      const [required, signIn] = policies;
      const created = hooked.admin.createTenant(backendActor, { id: 'bank', name: 'Bank', ...required });
      expect(await codeOf(created)).equal('invalid_request');
      expect(await codeOf(hooked.admin.updateTenant(backendActor, 'default', required!))).equal('invalid_request');
      expect(hooked.warnings).length.above(0);
      expect(await codeOf(hooked.admin.updateTenant(backendActor, 'default', signIn!))).equal('done');
      await hooked.stop();
    }
    expect(await fixture.admin.findTenant(backendActor, 'default')).include({ email_verification: 'off' });
  });

  it('are named in errors as in requests', async () => {
    const change = { maxActiveMinutes: 0, maxIdleMinutes: -1, passwordMinLength: 7, maxSessions: 0 };
    const error = await fixture.admin.updateTenant(backendActor, 'default', change).catch((refused) => refused);
    expect(error.details.map(({ path }: { path: string }) => path)).deep.equal([
      ...['max_active_minutes', 'max_idle_minutes', 'password_min_length', 'max_sessions'],
    ]);
  });

  it('are set where mail can be sent', async () => {
    for (const policy of policies) await fixture.admin.updateTenant(backendActor, 'default', policy);
    const tenant = await fixture.admin.findTenant(backendActor, 'default');
    expect(tenant).include({ email_verification: 'required', email_sign_in: true });
  });
});
