import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AdminAuditRow, AdminInvitation, AdminSession } from '@latchkey/contract';
import { migrations } from '@latchkey/migrations';
import { expect } from 'chai';
import { sql } from 'kysely';
import { challenge, newKey, peer, said } from '../flow/fixture.ts';
import { onEachStage } from './stage.ts';

onEachStage('the commands of sessions, backends, keys, the audit and the database', (stage, database) => {
  const json = <T = Record<string, unknown>>(...words: string[]) => stage().json<T>(...words);

  it('list, show and end sessions', async () => {
    const [one, two] = [await stage().fixture.enter(), await stage().fixture.enter()];
    const list = await json<AdminSession[]>('session', 'list', '--user', one.email);
    expect(list.map(({ email }) => email)).to.deep.equal([one.email]);
    expect(await json('session', 'list', '--online')).to.deep.equal([]);
    const { id, user_id: userId } = list[0]!;
    expect(await json('session', 'list', '--user', userId)).to.deep.equal(list);
    expect(await json('session', 'show', id)).to.deep.equal(list[0]);
    expect(await json('session', 'end', id)).to.deep.equal({ ended: 1 });
    expect(await said(stage().fixture.present(one.grant.token, newKey()))).to.equal('session_revoked');
    for (const verb of ['end', 'show'])
      expect(await stage().run('session', verb, id)).to.deep.include({
        code: 1,
        err: 'There is no live session with this id.\n',
      });
    expect(await json('session', 'end-all', two.email)).to.deep.equal({ ended: 1 });
    expect(await json('session', 'list')).to.deep.equal([]);
  });

  it('end the sessions of all users of every tenant, when it is confirmed', async () => {
    await stage().fixture.enter();
    await stage().fixture.enter();
    await json('tenant', 'create', 'shop', 'Shop');
    const from = new Date().toISOString();
    const neither = { code: 1, err: 'Name a user, or all of them by --all.\n' };
    expect(await stage().run('session', 'end-all')).to.include(neither);
    expect(await stage().run('session', 'end-all', 'ann@example.org', '--all', '--yes')).to.include(neither);
    expect((await stage().run('session', 'end-all', '--all')).err).to.match(/sessions of all users.*--yes/);
    expect(await json('session', 'list')).to.have.length(2);
    expect(await json('session', 'end-all', '--all', '--yes')).to.deep.equal({ ended: 2 });
    expect(await json('session', 'list')).to.deep.equal([]);
    const rows = await json<AdminAuditRow[]>('audit', 'list', '--action', 'sessions_ended', '--from', from);
    expect(rows.map(({ tenant_id }) => tenant_id)).to.have.members(['default', 'shop']);
    for (const { detail } of rows) expect(detail).to.include({ by: 'command line' });
  });

  it('end the sessions of all users of one tenant', async () => {
    await stage().fixture.enter();
    await json('tenant', 'create', 'shop', 'Shop');
    const unconfirmed = await stage().run('session', 'end-all', '--all', '--tenant', 'shop');
    expect(unconfirmed).to.include({
      code: 1,
      err: 'This ends the sessions of all users of shop. Add --yes to do it.\n',
    });
    expect(await json('session', 'end-all', '--all', '--tenant', 'shop', '--yes')).to.deep.equal({ ended: 0 });
    expect(await json('session', 'list')).to.have.length(1);
    expect((await stage().run('session', 'end-all', '--all', '--tenant', 'none', '--yes')).code).to.equal(1);
    expect(await json('session', 'end-all', '--all', '--tenant', 'default', '--yes')).to.deep.equal({ ended: 1 });
  });

  it('invite by a link, and revoke', async () => {
    const made = await json('invitation', 'create', 'ann@example.org', '--link');
    expect(made).to.include({ email: 'ann@example.org', state: 'open', mailed: false });
    expect(made.link).to.match(/\/invitation#secret=\S+$/);
    const list = await json<AdminInvitation[]>('invitation', 'list', '--tenant', 'default');
    expect(list.map(({ id }) => id)).to.deep.equal([made.id]);
    expect(await json('invitation', 'revoke', made.id as string)).to.deep.equal({ revoked: made.id });
    expect(await json('invitation', 'create', 'bob@example.org'))
      .to.include({ mailed: true })
      .and.not.to.have.property('link');
  });

  it('invite with a name and metadata, and invite an operator', async () => {
    const options = ['--name', 'Ann', '--metadata', '{"roles":["editor"]}', '--operator', '--link'];
    const made = await json('invitation', 'create', 'ann@example.org', ...options);
    const expected = { name: 'Ann', operator: true, app_metadata: { roles: ['editor'] }, invited_by: null };
    expect(made).to.deep.include({ ...expected, state: 'open' });
    const { fixture } = stage();
    const link = new URL(made.link as string);
    const accepted = {
      secret: link.hash.slice('#secret='.length),
      password: 'correct horse',
      codeChallenge: challenge,
    };
    await fixture.flows.acceptInvitation(accepted, peer);
    const user = await json('user', 'show', 'ann@example.org');
    expect(user).to.deep.include({ name: 'Ann', operator: true, app_metadata: { roles: ['editor'] } });
    const [entry] = await json<AdminAuditRow[]>('audit', 'list', '--action', 'invitation_created');
    expect(entry!.detail).to.include({ by: 'command line', gives: 'operator' });
  });

  it('refuse metadata that would be stored as another, and a name of no characters, as wrong usage', async () => {
    for (const [option, value, cause] of [
      ['--metadata', 'roles', 'It is no object of JSON'],
      ['--metadata', '["editor"]', 'It is no object of JSON'],
      ['--metadata', '{"a":{"b":1,"b":1}}', 'a.b is there twice.'],
      ['--metadata', '{"id":9007199254740993}', 'A number has more digits'],
      ['--name', ' ', 'It has to be 1 to 200 characters'],
    ] as const) {
      const { code, err } = await stage().run('invitation', 'create', 'ann@example.org', option, value);
      expect(code, value).to.equal(2);
      expect(err).to.contain(cause);
    }
    expect(await json('invitation', 'list')).to.deep.equal([]);
  });

  it('create, rotate and remove backends, and print a credential as JSON with and without --json', async () => {
    const words = ['backend', 'create', 'Bank', '--id', 'bank', '--scopes', 'relay, feed'];
    const { code, out } = await stage().run(...words);
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.have.keys('backend_id', 'backend_secret');
    expect(await stage().run(...words)).to.include({ code: 1, err: 'There is a backend with this id already.\n' });
    const wrong = await stage().run('backend', 'create', 'Bank', '--scopes', 'root', '--origins', 'foo');
    expect(wrong).to.include({ code: 1 });
    expect(wrong.err).to.contain('scopes: Use relay, feed, limits, introspect, admin.');
    expect(wrong.err).to.contain('origins: foo has to be an origin, such as https://app.example.');
    const [listed] = await json<object[]>('backend', 'list');
    expect(listed).to.deep.include({ id: 'bank', scopes: ['relay', 'feed'] });
    const next = await json('backend', 'rotate', 'bank');
    expect(next.backend_secret).to.be.a('string').and.not.equal(JSON.parse(out).backend_secret);
    expect(await json('backend', 'remove', 'bank')).to.deep.equal({ removed: 'bank' });
  });

  it('list and rotate signing keys', async () => {
    const states = async () => (await json<{ state: string }[]>('keys', 'list')).map(({ state }) => state);
    expect(await states()).to.deep.equal(['current', 'next']);
    expect(await json('keys', 'rotate')).to.include({ rotated: true });
    expect(await states()).to.deep.equal(['current', 'next', 'previous']);
  });

  it('list the audit by filters, and export all of it', async () => {
    const from = new Date().toISOString();
    for (const n of [1, 2, 3]) await json('user', 'create', `ann${n}@example.org`);
    const filter = ['--action', 'user_created', '--from', from];
    const all = await json<AdminAuditRow[]>('audit', 'list', ...filter);
    expect(all).to.have.length(3);
    expect(await json('audit', 'list', ...filter, '--limit', '2')).to.deep.equal(all.slice(0, 2));
    expect(await json('audit', 'list', ...filter, '--to', '2020-01-01')).to.deep.equal([]);
    const { out } = await stage().run('audit', 'export', ...filter);
    const exported = out.trimEnd().split('\n');
    expect(exported.map((line) => JSON.parse(line))).to.deep.equal(all);
  });

  it('list the audit of a user, by id or by address and tenant', async () => {
    await json('tenant', 'create', 'shop', 'Shop');
    const made = await Promise.all([
      json<{ id: string }>('user', 'create', 'bob@example.org'),
      json<{ id: string }>('user', 'create', 'bob@example.org', '--tenant', 'shop'),
    ]);
    const usersOf = async (...words: string[]) =>
      (await json<AdminAuditRow[]>('audit', 'list', ...words)).map(({ user_id }) => user_id);
    expect(await usersOf('--user', made[1].id)).to.deep.equal([made[1].id]);
    expect(await usersOf('--user', 'bob@example.org')).to.deep.equal([made[0].id]);
    expect(await usersOf('--user', 'bob@example.org', '--tenant', 'shop')).to.deep.equal([made[1].id]);
    const unknown = await stage().run('audit', 'export', '--user', 'eve@example.org');
    expect(unknown.err).to.equal('No user with this address is registered in this tenant.\n');
  });

  it('delete old entries of the audit, and leave an entry of how many', async () => {
    await sql`INSERT INTO audit (at, action, detail) VALUES ('2020-01-01', 'login', '{}')`.execute(database().db);
    const prune = ['audit', 'prune', '--before', '2020-02-01'];
    expect((await stage().run(...prune)).err).to.match(/2020-02-01T00:00:00\.000Z.*--yes/);
    expect(await json(...prune, '--yes')).to.deep.equal({ deleted: 1 });
    const [entry] = await json<AdminAuditRow[]>('audit', 'list', '--action', 'audit_pruned', '--limit', '1');
    expect(entry!.detail).to.include({ by: 'command line', rows: 1 });
    const recent = await stage().run('audit', 'prune', '--before', new Date().toISOString(), '--yes');
    expect(recent).to.include({ code: 1, err: 'Entries of the last seven days are kept.\n' });
  });

  it('list migrations, and apply none to a database that lacks none', async () => {
    const list = await json<{ name: string; applied_at: string }[]>('migrate', 'status');
    expect(list.map(({ name }) => name)).to.deep.equal(Object.keys(migrations));
    expect(Number.isNaN(Date.parse(list[0]!.applied_at))).to.equal(false);
    expect(await json('migrate', '--dry-run')).to.deep.equal([]);
    expect(await json('migrate')).to.deep.equal({ applied: [] });
  });

  it('serve a restored database, and end its sessions or keep them', async () => {
    const { grant } = await stage().fixture.enter();
    expect(await json('database', 'restored', '--keep-sessions')).to.deep.equal({ ended: 0 });
    await stage().fixture.domain.feed.catchUp();
    expect(await said(stage().fixture.present(grant.token, newKey()))).to.equal(2);
    const refused = await stage().run('database', 'restored');
    expect(refused).to.include({ code: 1, err: 'This ends every session. Add --yes to do it.\n' });
    expect(await json('database', 'restored', '--yes')).to.deep.equal({ ended: 1 });
  });

  it('import users, report each line and the counts, and export them', async () => {
    const file = join(stage().env.LATCHKEY_DATA_DIR!, 'users.ndjson');
    const rows = ['{"email":"ann@example.org"}', '{"email":"bob@example.org","operator":true}'];
    const repeated = '{"email":"cy@example.org","profile":{"a":1,"\\u0061":2}}';
    writeFileSync(file, [...rows, repeated, 'no JSON'].join('\n'));
    const { code, out, err } = await stage().run('user', 'import', file);
    const outcomes = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal([
      'created',
      'invalid',
      'invalid',
      'invalid',
      undefined,
    ]);
    expect(outcomes[2].details).to.deep.equal([{ path: 'profile.a', message: 'is there twice' }]);
    const counts = { created: 1, exists: 0, invalid: 3 };
    expect(outcomes.at(-1)).to.deep.equal(counts);
    const [entry] = await json<AdminAuditRow[]>('audit', 'list', '--action', 'users_imported');
    expect(entry!.detail).to.deep.equal({ by: 'command line', ...counts });
    expect({ code, err }).to.deep.equal({ code: 1, err: 'Lines that are no users: 3.\n' });
    const exported = await stage().run('user', 'export');
    expect(JSON.parse(exported.out)).to.include({ email: 'ann@example.org' });
    expect(await stage().run('user', 'export', '--tenant', 'nowhere')).to.include({ code: 1, out: '' });
  });
});
