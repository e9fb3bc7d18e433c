import { migrations } from '@latchkey/migrations';
import { expect } from 'chai';
import pg from 'pg';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import { describeCommands } from '../../src/cli/describe.ts';
import { runCommand } from './stage.ts';

const secret = 'a secret of thirty-two characters';
const id = '3f0c7a9e-5d0b-4c53-9a37-8c1f4b1f6a2d';

/** A value for each argument, so that a command gets as far as the database. */
const values: Readonly<Record<string, string>> = {
  '<id>': id,
  '<user>': id,
  '[user]': id,
  '<name>': 'Shop',
  '<email>': 'ann@example.org',
  '<file>': '/dev/null',
};
/** Commands that open no migrated database, or that none may be open for. */
const others = /^(serve|migrate|config|doctor|drill|mail)\b/;
const more: Readonly<Record<string, readonly string[]>> = {
  'tenant set': ['--name', 'Shop'],
  'tenant delete': ['--yes'],
  'user delete': ['--yes'],
  'database restored': ['--yes'],
  'audit prune': ['--before', '2020-01-01', '--yes'],
};
const commandLines = describeCommands()
  .flatMap(({ verbs }) => verbs)
  .filter(({ name }) => !others.test(name))
  .map((row) => [...row.name.split(' '), ...row.arguments.map(({ term }) => values[term]!), ...(more[row.name] ?? [])]);

describe('a command on a database with another schema', function () {
  this.timeout(60_000);
  let url: string;
  let client: pg.Client;
  beforeEach(async () => {
    url = await (await sharedPostgres()).createDatabase();
    client = new pg.Client({ connectionString: url });
    await client.connect();
  });
  afterEach(() => client.end());

  const run = async (...words: readonly string[]) => {
    const env = { DATABASE_URL: url, LATCHKEY_SECRET: secret, LOG_LEVEL: 'silent' };
    const { code, out, err } = await runCommand(env, ...words);
    return { code, out, err };
  };
  const names = Object.keys(migrations);
  const lacking =
    `The database lacks ${names.slice(0, 3).join(', ')} and ${names.length - 3} more. ` +
    'Run "latchkey migrate" (in a container: migrate) first.\n';

  it('names the command that migrates where it was never migrated, whatever the command', async () => {
    expect(commandLines).to.have.length.above(30);
    for (const words of commandLines)
      expect(await run(...words), words.join(' ')).to.deep.equal({ code: 1, out: '', err: lacking });
    expect(await run('migrate', 'status')).to.include({ code: 1, err: lacking });
  });

  it('migrates, and names what lacks, where another schema of the database was migrated', async () => {
    await client.query('CREATE SCHEMA other');
    await client.query(`CREATE TABLE other.latchkey_migrations (name text PRIMARY KEY, timestamp text NOT NULL)`);
    await client.query(`INSERT INTO other.latchkey_migrations VALUES ('${names[0]}', '2026-01-01')`);
    expect(await run('user', 'list')).to.deep.equal({ code: 1, out: '', err: lacking });
    const { code, out } = await run('migrate', '--json');
    expect({ code, applied: JSON.parse(out).applied }).to.deep.equal({ code: 0, applied: names });
    expect(await run('user', 'list', '--json')).to.deep.equal({ code: 0, out: '[]\n', err: '' });
  });

  it('names the version to use where a newer one has migrated it, if the command does not fit', async () => {
    await run('migrate');
    await client.query(`INSERT INTO latchkey_migrations (name, timestamp) VALUES ('9999-later', '2100-01-01')`);
    expect(await run('tenant', 'list')).to.include({ code: 0 });
    await client.query('ALTER TABLE tenants RENAME COLUMN name TO title');
    expect(await run('tenant', 'list')).to.deep.equal({
      ...{ code: 1, out: '' },
      err: 'A newer version has migrated the database (9999-later). Run the command with that version.\n',
    });
  });

  it('names the migration that lacks where an older version has migrated it', async () => {
    await run('migrate');
    await client.query('DELETE FROM latchkey_migrations WHERE name = $1', [names.at(-1)]);
    const { code, err } = await run('tenant', 'list');
    expect({ code, err }).to.deep.equal({
      code: 1,
      err: `The database lacks ${names.at(-1)}. Run "latchkey migrate" (in a container: migrate) first.\n`,
    });
  });

  it('says that a backup is needed where a part of the schema is lost', async () => {
    await run('migrate');
    await client.query('DROP TABLE invitations');
    expect(await run('invitation', 'list')).to.deep.equal({
      ...{ code: 1, out: '' },
      err: 'The database lacks a part of its schema, although its migrations were applied. Restore it from a backup.\n',
    });
  });
});
