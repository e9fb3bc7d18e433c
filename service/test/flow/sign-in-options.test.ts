import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { onEachDatabase } from '../databases.ts';
import { type Fixture, openFixture } from './fixture.ts';

onEachDatabase('getSignInOptions', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  it('says what the default tenant offers', async () => {
    const { name, registrationOpen } = await fixture.domain.tenants.find(fixture.context.db, 'default');
    expect(await fixture.flows.getSignInOptions({})).to.deep.equal({
      tenant: { id: 'default', name, brand: null },
      registration_open: registrationOpen,
      email_sign_in: false,
      mail_available: true,
      password_min_length: fixture.config.passwordMinLength,
    });
  });

  it('says what another tenant decided, and offers no mail while none can be sent', async () => {
    const { db } = fixture.context;
    const policies = { emailSignIn: true, passwordMinLength: 14 };
    await fixture.domain.tenants.create(db, { id: 'sign-in-options', name: 'Shop', ...policies });
    const offered = { registration_open: false, password_min_length: 14 };
    const ask = () => fixture.flows.getSignInOptions({ tenant: 'sign-in-options' });
    try {
      expect(await ask()).to.include({ ...offered, email_sign_in: true, mail_available: true });
      fixture.hasMail = false;
      expect(await ask()).to.include({ ...offered, email_sign_in: false, mail_available: false });
    } finally {
      await db.deleteFrom('tenants').where('id', '=', 'sign-in-options').execute();
    }
  });

  it('refuses an unknown tenant', async () => {
    expect(await codeOf(fixture.flows.getSignInOptions({ tenant: 'none' }))).to.equal('tenant_unknown');
  });
});
