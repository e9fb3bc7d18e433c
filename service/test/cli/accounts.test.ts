import { expect } from 'chai';
import { newKey, said } from '../flow/fixture.ts';
import { onEachStage } from './stage.ts';

onEachStage('the commands user, tenant and operator', (stage, database) => {
  const json = <T = Record<string, unknown>>(...words: string[]) => stage().json<T>(...words);
  const refusal = async (...words: string[]) => {
    const { code, err } = await stage().run(...words);
    return `${code} ${err}`;
  };

  it('create, find, change and delete a user by id and by address', async () => {
    const created = await json('user', 'create', 'Ann@example.org', '--name', 'Ann', '--verified');
    const id = created.id as string;
    expect(created).to.deep.include({ email: 'Ann@example.org', name: 'Ann', email_verified: true });
    expect(await json('user', 'show', id)).to.deep.equal(created);
    expect(await json('user', 'show', 'ANN@example.org')).to.deep.equal(created);
    expect(await json('user', 'list', '--search', 'nn@ex')).to.deep.equal([created]);
    expect(await json('user', 'list', '--disabled')).to.deep.equal([]);
    expect(await json('user', 'disable', id))
      .to.have.property('disabled_at')
      .a('string');
    expect(await json('user', 'enable', id)).to.include({ disabled_at: null });
    expect(await json('user', 'require-password', id)).to.include({ password_change_required: true });
    expect(await json('user', 'send-reset', 'ann@example.org')).to.deep.equal({ expires_in: 1_800 });
    expect(await refusal('user', 'delete', id)).to.match(/^1 .*Ann@example.org.*--yes/);
    expect(await json('user', 'delete', id, '--yes')).to.deep.equal({ removed: id, ended: 0 });
    expect(await refusal('user', 'show', id)).to.match(/^1 /);
    const { rows } = await stage().fixture.domain.audit.list(database().db, { userId: id });
    expect(new Set(rows.map(({ detail }) => detail.by))).to.deep.equal(new Set(['command line']));
  });

  it('print text without --json', async () => {
    await stage().run('user', 'create', 'ann@example.org');
    const { out } = await stage().run('user', 'list');
    expect(out).to.match(
      /^id\ttenant_id\temail\tname\toperator\tdisabled_at\tcreated_at\n.*\tann@example\.org\t-\tfalse/,
    );
    expect((await stage().run('tenant', 'show', 'default')).out).to.match(/^id\tdefault\nname\t/);
  });

  it('end the sessions of a user who is disabled', async () => {
    const { email, grant } = await stage().fixture.enter();
    expect(await stage().run('user', 'disable', email)).to.include({ code: 0 });
    expect(await said(stage().fixture.present(grant.token, newKey()))).to.equal('session_revoked');
  });

  it('create, set, disable and delete a tenant', async () => {
    const policies = ['--registration', 'open', '--password-min-length', '12', '--session-limit', 'refuse'];
    const written = { registration_open: true, password_min_length: 12, session_limit: 'refuse' };
    expect(await json('tenant', 'create', 'shop', 'The Shop', ...policies)).to.include({
      name: 'The Shop',
      ...written,
    });
    const domains = ['--allowed-domains', 'example.org,example.com', '--email-verification', 'required'];
    expect(
      await json('tenant', 'set', 'shop', '--name', 'Shop', '--max-active-minutes', '60', ...domains),
    ).to.deep.include({
      ...{ ...written, name: 'Shop', max_active_minutes: 60, allowed_domains: ['example.org', 'example.com'] },
      email_verification: 'required',
    });
    const reset = ['--max-active-minutes', 'default', '--password-min-length', 'default', '--allowed-domains', 'all'];
    expect(await json('tenant', 'set', 'shop', ...reset)).to.deep.include({
      ...{ max_active_minutes: null, password_min_length: null, allowed_domains: [] },
    });
    expect(await json('tenant', 'list')).to.have.length(2);
    expect(await refusal('tenant', 'delete', 'shop', '--yes')).to.equal('1 Disable this tenant first.\n');
    expect(await json('tenant', 'disable', 'shop'))
      .to.have.property('disabled_at')
      .a('string');
    expect(await refusal('tenant', 'delete', 'shop')).to.match(/^1 .*--yes/);
    expect(await json('tenant', 'delete', 'shop', '--yes')).to.deep.equal({ removed: 'shop' });
    expect(await refusal('tenant', 'show', 'shop')).to.match(/^1 /);
  });

  it('set the operator flag of a user of the tenant, whatever the case of the address, also of the last one', async () => {
    await json('tenant', 'create', 'bank', 'Bank');
    const { id } = await json('user', 'create', 'Ann@example.org', '--tenant', 'bank');
    const printed = { id, email: 'Ann@example.org', tenant_id: 'bank' };
    const ofBank = ['ANN@example.org', '--tenant', 'bank'];
    expect(await json('operator', 'add', ...ofBank)).to.deep.equal({ ...printed, operator: true });
    expect(await json('operator', 'list')).to.deep.equal([{ ...printed, operator: true }]);
    expect(await json('operator', 'remove', ...ofBank)).to.deep.equal({ ...printed, operator: false });
    expect(await json('operator', 'list')).to.deep.equal([]);
  });

  it('exit with 1 for what is refused, and name the cause', async () => {
    const unknown = '1 No user with this address is registered in this tenant.\n';
    expect(await refusal('operator', 'add', 'bob@example.org')).to.equal(unknown);
    expect(await refusal('user', 'show', 'bob@example.org', '--tenant', 'elsewhere')).to.equal(unknown);
    expect(await refusal('user', 'create', 'no address')).to.match(/^1 .*address/);
    expect(await refusal('tenant', 'set', 'default')).to.match(/^1 Name a setting to change: --name, --registration/);
    expect(await refusal('tenant', 'set', 'default', '--max-sessions', '0')).to.match(/^1 /);
  });
});
