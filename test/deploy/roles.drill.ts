import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Ack, EndedSessions } from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import { createPlainClient, newKey } from '../../test-kit/client/plain-client.ts';
import { type Postgres, startPostgres } from '../../test-kit/database/postgres.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';

const passwords = { migrate: 'migrate-password', service: 'service-password' };

async function query(url: string, text: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text).finally(() => client.end());
  return rows;
}

type Variables = Readonly<Record<string, string>>;

const hasPsql = spawnSync('psql', ['--version']).error === undefined;

/** Runs a file of `deploy/postgres`. Resolves with the exit code of psql and what it wrote. */
function runByPsql(url: string, file: string, variables: Variables): Promise<{ code: number; output: string }> {
  const settings = Object.entries(variables).map(([name, value]) => `--set=${name}=${value}`);
  const args = ['--no-psqlrc', ...settings, `--file=deploy/postgres/${file}`, url];
  return new Promise((resolve) => {
    execFile('psql', args, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

/** The same by hand, on a machine without psql: its variables, and no command that begins with a backslash. */
async function runByHand(url: string, file: string, variables: Variables): Promise<void> {
  const values: Variables = { schema: 'public', DBNAME: new URL(url).pathname.slice(1), ...variables };
  const text = readFileSync(`deploy/postgres/${file}`, 'utf8').replaceAll(/^\\.*$/gm, '');
  await query(
    url,
    text.replaceAll(/:(['"])(\w+)\1/g, (_variable, quote, name) => `${quote}${values[name]}${quote}`),
  );
}

async function runFile(url: string, file: string, variables: Variables): Promise<void> {
  if (!hasPsql) return runByHand(url, file, variables);
  const { code, output } = await runByPsql(url, file, variables);
  expect(code, output).to.equal(0);
}

for (const schema of ['public', 'latchkey'])
  describe(`the roles of deploy/postgres/roles.sql, in the schema ${schema}`, function () {
    this.timeout(90_000);
    const ofSchema: Variables = schema === 'public' ? {} : { schema };
    const ofRoles = { ...ofSchema, migrate_password: passwords.migrate, service_password: passwords.service };
    let postgres: Postgres;
    let owner: string;
    let urls: Record<keyof typeof passwords, string>;
    let node: ServiceProcess;

    before(async () => {
      postgres = await startPostgres();
      owner = await postgres.createDatabase();
      await runFile(owner, 'roles.sql', ofRoles);
      const urlOf = (role: keyof typeof passwords) =>
        Object.assign(new URL(owner), { username: `latchkey_${role}`, password: passwords[role] }).href;
      urls = { migrate: urlOf('migrate'), service: urlOf('service') };
      const env = { LATCHKEY_SECRET: randomBytes(32).toString('base64url') };
      const migration = await startService({ env: { ...env, DATABASE_URL: urls.migrate }, args: ['migrate'] });
      expect(await migration.exited(), migration.log()).to.equal(0);
      // As a superuser, and as the owner of the tables.
      await runFile(owner, 'audit.sql', ofSchema);
      await runFile(urls.migrate, 'audit.sql', ofSchema);
      node = await startService({ env: { ...env, DATABASE_URL: urls.service, LOG_LEVEL: 'info' } });
      await node.ready();
    });
    after(async () => {
      await node?.stop();
      await postgres?.stop();
    });

    it('are those of tables in this schema alone', async () => {
      const found = await query(
        owner,
        `SELECT DISTINCT schemaname FROM pg_tables WHERE tablename IN ('audit', 'sessions', 'users')`,
      );
      expect(found).to.deep.equal([{ schemaname: schema }]);
    });

    it('are not made in part: psql fails at the first error', async function () {
      if (!hasPsql) this.skip();
      const again = await runByPsql(owner, 'roles.sql', ofRoles);
      expect(again.code, again.output).to.equal(3);
      const other = await postgres.createDatabase();
      const early = await runByPsql(other, 'audit.sql', ofSchema);
      expect(early.code, early.output).to.equal(3);
      expect(early.output).to.include('audit');
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
        expect((error as Error).message).to.match(/permission denied|must be owner/);
      });
  });
