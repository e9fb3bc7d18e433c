import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { runAccountCommand } from '../../src/cli/account-commands.ts';
import { toTabSeparated } from '../../src/cli/tab-separated.ts';
import { commandLineActor } from '../../src/flow/admin/actor.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { type Fixture, newKey, openFixture, said } from '../flow/fixture.ts';

onEachDatabase('runAccountCommand', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  const run = (...words: string[]) => {
    const { admin, domain } = fixture;
    const actor = () => commandLineActor(domain.databaseClock);
    return runAccountCommand(words, { admin, users: domain.users, db: database().db, actor });
  };
  const refusal = (...words: string[]) => run(...words).catch((error) => `${error.code} ${error.message}`);

  it('creates, finds, changes and deletes a user by id and by address', async () => {
    const created = (await run('user', 'create', 'Ann@example.org', '--name', 'Ann', '--verified')) as { id: string };
    expect(created).to.deep.include({ email: 'Ann@example.org', name: 'Ann', email_verified: true });
    expect(await run('user', 'show', created.id)).to.deep.equal(created);
    expect(await run('user', 'show', 'ANN@example.org')).to.deep.equal(created);
    expect(await run('user', 'list', '--search', 'nn@ex')).to.deep.equal([created]);
    expect(await run('user', 'list', '--disabled')).to.deep.equal([]);
    expect(await run('user', 'disable', created.id))
      .to.have.property('disabled_at')
      .a('string');
    expect(await run('user', 'enable', created.id)).to.include({ disabled_at: null });
    expect(await run('user', 'require-password', created.id)).to.include({ password_change_required: true });
    expect(await run('user', 'send-reset', 'ann@example.org')).to.deep.equal({ expires_in: 1_800 });
    expect(await refusal('user', 'delete', created.id)).to.match(/^invalid_request .*Ann@example.org.*--yes/);
    expect(await run('user', 'delete', created.id, '--yes')).to.deep.equal({ removed: created.id, ended: 0 });
    expect(await refusal('user', 'show', created.id)).to.match(/^not_found/);
    const { rows } = await fixture.domain.audit.list(database().db, { userId: created.id });
    expect(new Set(rows.map(({ detail }) => detail.by))).to.deep.equal(new Set(['command line']));
  });

  it('ends the sessions of a user who is disabled', async () => {
    const { email, grant } = await fixture.enter();
    await run('user', 'disable', email);
    expect(await said(fixture.present(grant.token, newKey()))).to.equal('session_revoked');
  });

  it('creates, sets, disables and deletes a tenant', async () => {
    const policies = ['--registration', 'open', '--password-min-length', '12', '--session-limit', 'refuse'];
    const written = { registration_open: true, password_min_length: 12, session_limit: 'refuse' };
    expect(await run('tenant', 'create', 'shop', 'The Shop', ...policies)).to.include({ name: 'The Shop', ...written });
    const domains = ['--allowed-domains', 'example.org,example.com', '--email-verification', 'required'];
    expect(await run('tenant', 'set', 'shop', '--max-active-minutes', '60', ...domains)).to.deep.include({
      ...{ ...written, max_active_minutes: 60, allowed_domains: ['example.org', 'example.com'] },
      email_verification: 'required',
    });
    const reset = ['--max-active-minutes', 'default', '--password-min-length', 'default', '--allowed-domains', 'all'];
    expect(await run('tenant', 'set', 'shop', ...reset)).to.deep.include({
      ...{ max_active_minutes: null, password_min_length: null, allowed_domains: [] },
    });
    expect(await run('tenant', 'list')).to.have.length(2);
    expect(await refusal('tenant', 'delete', 'shop', '--yes')).to.match(/^forbidden/);
    expect(await run('tenant', 'disable', 'shop'))
      .to.have.property('disabled_at')
      .a('string');
    expect(await refusal('tenant', 'delete', 'shop')).to.match(/^invalid_request/);
    expect(await run('tenant', 'delete', 'shop', '--yes')).to.deep.equal({ removed: 'shop' });
    expect(await refusal('tenant', 'show', 'shop')).to.match(/^tenant_unknown/);
  });

  it('refuses words that do not fit, and says what fits', async () => {
    expect(await refusal('user')).to.equal(
      'invalid_request Say user list, show, create, disable, enable, require-password, send-reset, delete.',
    );
    for (const words of [
      ['user', 'constructor'],
      ['user', 'show'],
      ['user', 'show', 'a', 'b'],
      ['user', 'list', 'a'],
      ['user', 'list', '--verified'],
      ['tenant', 'set', 'default'],
      ['tenant', 'set', 'default', '--registration', 'maybe'],
      ['tenant', 'set', 'default', '--max-sessions', 'many'],
      ['tenant', 'set', 'default', '--max-sessions', '0'],
      ['tenant', 'create', 'shop'],
    ])
      expect(await codeOf(run(...words)), words.join(' ')).to.equal('invalid_request');
    expect(await refusal('user', 'show', 'nobody@example.org')).to.match(/^not_found No user with this address/);
  });
});

describe('toTabSeparated', () => {
  it('writes a list with one row a line, and without control characters', () => {
    const rows = [{ id: '1', email: 'ann@example.org', name: 'A\tB\nC', operator: false, more: {} }];
    expect(toTabSeparated(rows)).to.equal('id\temail\tname\toperator\n1\tann@example.org\tA B C\tfalse\n');
    expect(toTabSeparated([])).to.equal('');
  });

  it('writes anything else with one member a line', () => {
    expect(toTabSeparated({ id: 'shop', locale: null, allowed_domains: ['a'] })).to.equal(
      'id\tshop\nlocale\t-\nallowed_domains\t["a"]\n',
    );
  });
});
