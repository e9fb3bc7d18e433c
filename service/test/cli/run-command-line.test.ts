import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { CommandFailure } from '../../src/cli/command-context.ts';
import { describeCommands } from '../../src/cli/describe.ts';
import { toErrorMessage } from '../../src/cli/error-message.ts';
import { runCommand } from './stage.ts';

const secret = 'a secret of thirty-two characters';

describe('runCommandLine', () => {
  const commands = describeCommands();
  it('shows help with an example for --help at every level, and exits with 0', async () => {
    for (const { name, verbs } of commands.flatMap((row) => [row, ...row.verbs])) {
      const { code, out, err } = await runCommand({}, ...name.split(' '), '--help');
      expect({ code, err }, name).to.deep.equal({ code: 0, err: '' });
      expect(out).to.contain(`Usage: latchkey ${name}`).and.contain('--json');
      if (verbs.length === 0) expect(out).to.match(/Example:\n {2}\$ latchkey \w/);
    }
  });

  it('shows every command and the exit codes for --help', async () => {
    const { code, out } = await runCommand({}, '--help');
    expect(code).to.equal(0);
    for (const { name } of commands) expect(out).to.match(new RegExp(`^  ${name} `, 'm'));
    expect(out).to.contain('2  usage');
  });

  it('shows the same help for help', async () => {
    for (const words of [[], ['user'], ['user', 'list']])
      expect(await runCommand({}, 'help', ...words)).to.deep.equal(await runCommand({}, ...words, '--help'));
  });

  it('prints the version', async () => {
    expect((await runCommand({}, '--version')).out).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  for (const [line, message] of [
    ['usr', "unknown command 'usr'\n(Did you mean user?)"],
    ['user lst', "unknown command 'lst'\n(Did you mean list?)"],
    ['migrate stat', "unknown command 'stat'\n(Did you mean status?)"],
    ['user list --tenan shop', "unknown option '--tenan'\n(Did you mean --tenant?)"],
    ['user list shop', 'too many arguments'],
    ['user show', "missing required argument 'user'"],
    ['user list --tenant', "option '--tenant <id>' argument missing"],
    ['user list --tenant --disabled', "option '--tenant <id>' argument missing"],
    ['user list --tenant a --tenant b', "option '--tenant <id>' is there twice"],
    ['tenant create shop Shop --registration maybe', 'Allowed choices are open, closed.'],
    ['tenant set shop --max-sessions many', 'It is no whole number of at most seven digits.'],
    ['tenant set shop --allowed-domains ,', 'It is empty.'],
    ['backend create Shop --origins ,', 'It is empty.'],
    ['session end 1', 'It is no UUID.'],
    ['audit list --from yesterday', 'It is no time of ISO 8601'],
    ['audit list --action logins', 'Did you mean login?'],
    ['audit list --action nothing-of-it', 'Actions are register, '],
    ['help nothing-of-it', "unknown command 'nothing-of-it'\nAdd --help"],
    ['help user lst', "unknown command 'lst'\n(Did you mean list?)"],
    ['user', 'Usage: latchkey user'],
  ] as const)
    it(`refuses ${line}, and exits with 2`, async () => {
      const { code, out, err } = await runCommand({}, ...line.split(' '));
      expect({ code, out }).to.deep.equal({ code: 2, out: '' });
      expect(err).to.contain(message).and.contain('--help');
    });

  it('prints the effective settings without secrets, and where each comes from', async () => {
    const env = { PORT: '4100', LATCHKEY_SECRET: secret };
    const { out } = await runCommand(env, 'config', '--json');
    const rows = JSON.parse(out) as { name: string; value: unknown; source: string }[];
    const find = (wanted: string) => rows.find(({ name }) => name === wanted);
    expect(find('PORT')).to.include({ value: 4_100, source: 'PORT' });
    expect(find('LATCHKEY_SECRET')).to.include({ value: '***', source: 'LATCHKEY_SECRET' });
    expect(find('LATCHKEY_SMTP_URL')).to.include({ value: null, source: 'default' });
    expect(find('LATCHKEY_PUBLIC_URL')).to.include({ value: 'http://localhost:4100', source: 'default' });
    expect(out).not.to.contain(secret);
  });

  it('prints the sentence of a wrong setting, and exits with 1', async () => {
    const { code, err } = await runCommand({ LATCHKEY_PROT: '1' }, 'config');
    expect({ code, err }).to.deep.equal({ code: 1, err: 'LATCHKEY_PROT is not a setting; did you mean PORT?\n' });
  });

  it('names the setting when the hooks cannot be loaded, also by a command beside the service', async () => {
    const env = { LATCHKEY_HOOKS: './nowhere.js', LATCHKEY_DATA_DIR: '/nowhere', LATCHKEY_SECRET: secret };
    const { code, out, err } = await runCommand(env, 'mail', 'test', 'ann@example.org');
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.match(/^LATCHKEY_HOOKS: The hooks in \.\/nowhere\.js cannot be loaded: .*\n$/);
  });

  it('names the setting when the data folder is a file', async () => {
    const file = fileURLToPath(import.meta.url);
    const { code, err } = await runCommand({ LATCHKEY_DATA_DIR: file, LATCHKEY_SECRET: secret }, 'user', 'list');
    expect({ code, err }).to.deep.equal({
      code: 1,
      err: `The data folder ${file} cannot be used, because a file is in its place (ENOTDIR). Set LATCHKEY_DATA_DIR to a folder that can be written.\n`,
    });
  });

  it('names the cause when the database cannot be reached, without a stack and without the password', async () => {
    const env = { DATABASE_URL: 'postgres://ann:hidden@127.0.0.1:9/x', LATCHKEY_SECRET: secret, LOG_LEVEL: 'silent' };
    const { code, out, err } = await runCommand(env, 'user', 'list');
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.match(/^DATABASE_URL: the database cannot be used, because nothing listens at its address/);
    expect(err).not.to.contain('hidden').and.not.to.contain('    at ');
  });
});

describe('the command drill', () => {
  let silent: Server;
  before(async () => {
    silent = createServer((socket) => socket.on('error', () => {}).end('no HTTP\r\n\r\n'));
    await listen(silent);
  });
  after(() => void silent.close());

  for (const [title, toUrl, reason] of [
    ['listens nowhere', () => 'http://127.0.0.1:9', 'nothing listens at its address (ECONNREFUSED)'],
    ['has an unknown name', () => 'http://nowhere.invalid', 'its host name is not known (E'],
    ['has no TLS', () => `https://127.0.0.1:${portOf(silent)}`, 'it does not speak TLS (E'],
    ['has no HTTP', () => `http://127.0.0.1:${portOf(silent)}`, 'it does not speak HTTP (HPE_'],
  ] as const)
    it(`names the instance and the cause where it ${title}, and exits with 1`, async () => {
      const url = toUrl();
      const { code, out, err } = await runCommand({}, 'drill', 'token-theft', '--url', url);
      expect({ code, out }).to.deep.equal({ code: 1, out: '' });
      expect(err).to.contain(`GET ${url}/.well-known/`).and.contain(` got no answer: ${reason}`);
      expect(err.trim().split('\n')).to.have.length(1);
    });
});

describe('toErrorMessage', () => {
  it('is a sentence for a failure, with the wrong fields', () => {
    const details = [{ path: 'scopes', message: 'Use relay.' }];
    expect(toErrorMessage(fail('invalid_request', { message: 'Invalid.', details }))).to.equal(
      'Invalid. scopes: Use relay.',
    );
    expect(toErrorMessage(new CommandFailure('Two checks failed.'))).to.equal('Two checks failed.');
  });

  it('is never [object Object], whatever was thrown', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const value of [{ name: 'ErrnoError', errno: 51 }, {}, [], Object.create(null), circular, null, () => {}]) {
      expect(toErrorMessage(value)).not.to.equal('');
      expect(toErrorMessage(value)).not.to.contain('[object');
    }
    expect(toErrorMessage({ name: 'ErrnoError', errno: 51 })).to.equal('{"name":"ErrnoError","errno":51}');
  });

  it('shows where a defect was thrown, without the password of a URL', () => {
    const message = toErrorMessage(new TypeError('postgres://ann:hidden@db/app is undefined'));
    expect(message).to.contain('    at ').and.not.to.contain('hidden');
  });
});
