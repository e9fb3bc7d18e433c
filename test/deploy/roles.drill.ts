import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Ack, EndedSessions } from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import { createPlainClient, newKey } from '../../test-kit/client/plain-client.ts';
import { type Postgres, startPostgres } from '../../test-kit/database/postgres.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';

const passwords = { migrate: 'migrate-password', service: 'service-password' };

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

describe('the roles of deploy/postgres/roles.sql', function () {
  this.timeout(90_000);
  let postgres: Postgres;
  let urls: Record<keyof typeof passwords, string>;
  let node: ServiceProcess;

  before(async () => {
    postgres = await startPostgres();
    const owner = await postgres.createDatabase();
    // What psql does with --set.
    const text = readFileSync('deploy/postgres/roles.sql', 'utf8').replaceAll(
      /:'(\w+)_password'/g,
      (_variable, role: keyof typeof passwords) => `'${passwords[role]}'`,
    );
    await query(owner, text);
    const urlOf = (role: keyof typeof passwords) =>
      Object.assign(new URL(owner), { username: `latchkey_${role}`, password: passwords[role] }).href;
    urls = { migrate: urlOf('migrate'), service: urlOf('service') };
    const env = { LATCHKEY_SECRET: randomBytes(32).toString('base64url') };
    const migration = await startService({ env: { ...env, DATABASE_URL: urls.migrate }, args: ['migrate'] });
    expect(await migration.exited(), migration.log()).to.equal(0);
    await query(urls.migrate, readFileSync('deploy/postgres/audit.sql', 'utf8'));
    node = await startService({ env: { ...env, DATABASE_URL: urls.service, LOG_LEVEL: 'info' } });
    await node.ready();
  });
  after(async () => {
    await node?.stop();
    await postgres?.stop();
  });

  it('let a node sign users up, rotate and end sessions, and refuse nothing that it does', async () => {
    const client = createPlainClient(node);
    const login = await client.register('ann@example.test', 'correct horse battery');
    const first = await (await client.connect()).authenticate({ ...login, rotation_key: newKey() });
    if (first.event !== 'authenticated') throw new Error(first.payload.code);
    const socket = await client.connect();
    const second = await socket.authenticate({ token: first.payload.token, rotation_key: newKey() });
    expect(second.event).to.equal('authenticated');
    expect(await socket.call<Ack<EndedSessions>>('logout', {})).to.deep.include({ ok: true });
    client.close();
    await node.stop();
    expect(node.log()).to.not.contain('permission denied');
  });

  it('let a node delete old entries of the audit by the function', async () => {
    await query(urls.service, "SELECT prune_audit(now() - interval '8 days', 10)");
  });

  for (const [what, text] of [
    ['change the schema', 'CREATE TABLE intruder (id integer)'],
    ['drop a table', 'DROP TABLE audit'],
    ['empty the audit', 'TRUNCATE audit'],
    ['delete entries of the audit', 'DELETE FROM audit'],
    [
      'delete entries of the audit by the setting of its guard',
      `BEGIN; SELECT set_config('latchkey.audit_prune', txid_current()::text, true); DELETE FROM audit; COMMIT`,
    ],
    ['switch the guard of the audit off', 'ALTER TABLE audit DISABLE TRIGGER ALL'],
  ] as const)
    it(`do not let a node ${what}`, async () => {
      const error = await query(urls.service, text).catch((caught: Error) => caught);
      expect(error?.message).to.match(/permission denied|must be owner/);
    });
});
