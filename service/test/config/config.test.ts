import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createConfig, maskedConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/env.ts';
import { configOf } from '../../src/embed/setting-options.ts';
import { createPeerReader } from '../../src/http/middleware/peer.ts';

const secret = 's'.repeat(32);
const mistakes = (env: Record<string, string>) => {
  try {
    createConfig(env);
    return '';
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return (error as Error).message;
  }
};

describe('createConfig', () => {
  it('uses the embedded database and the loopback address by default', () => {
    const config = createConfig({});
    expect(config).to.include({
      port: 4_000,
      host: '127.0.0.1',
      embedded: true,
      dataDir: '.latchkey',
      publicUrl: 'http://localhost:4000',
      issuer: 'http://localhost:4000',
      audience: 'http://localhost:4000',
    });
    expect(config.trustedOrigins).to.deep.equal(['http://localhost:4000', 'http://127.0.0.1:4000']);
  });

  it('serves the demonstration outside of production, unless LATCHKEY_DEMO_PAGE decides', () => {
    const production = {
      NODE_ENV: 'production',
      LATCHKEY_PUBLIC_URL: 'https://id.example',
      DATABASE_URL: 'postgres://db/id',
    };
    const served = (env: Record<string, string>) => createConfig({ ...env, LATCHKEY_SECRET: secret }).demoPage;
    expect([served({}), served({ LATCHKEY_DEMO_PAGE: 'false' })]).to.deep.equal([true, false]);
    expect([served(production), served({ ...production, LATCHKEY_DEMO_PAGE: 'true' })]).to.deep.equal([false, true]);
  });

  it('reads the names of zerv-core, and refuses a value that differs from that of the own name', () => {
    const [active, own] = ['ZERV_MAX_ACTIVE_SESSION_TIMEOUT_IN_MINS', 'LATCHKEY_TOKEN_EXPIRES_IN_MINS'];
    const inactive = { ZERV_MAX_INACTIVE_SESSION_TIMEOUT_IN_MINS: '60' };
    const config = createConfig({ [active]: '90', ...inactive });
    expect(config).to.include({ tokenExpiresInMins: 90, idleTimeoutInMins: 60 });
    expect(createConfig({ [active]: '90', [own]: '90' }).tokenExpiresInMins).to.equal(90);
    expect(mistakes({ [active]: '90', [own]: '91' })).to.equal(
      `${own} and ${active} are names of one setting and differ; keep ${own}.`,
    );
    expect(mistakes({ [active]: '0' })).to.match(new RegExp(`^${active} has to be`));
    expect(configOf({ tokenExpiresInMins: 91 }, { [active]: '90' }).tokenExpiresInMins).to.equal(91);
  });

  it('names the closest match for an unknown name', () => {
    expect(mistakes({ LATCHKEY_PUBLIC_URI: 'x' })).to.contain('did you mean LATCHKEY_PUBLIC_URL?');
  });

  it('names PORT for LATCHKEY_PORT=4000, because the prefix does not count', () => {
    expect(mistakes({ LATCHKEY_PORT: '4000' })).to.equal('LATCHKEY_PORT is not a setting; did you mean PORT?');
    expect(mistakes({ LATCHKEY_NOPE: '1' })).to.equal(
      'LATCHKEY_NOPE is not a setting: remove it, or correct its name.',
    );
    expect(mistakes({ LATCHKEY_DATABASE_URL: 'x' })).to.contain('did you mean DATABASE_URL?');
    expect(mistakes({ LATCHKEY_LOG_LEVEL: 'x' })).to.contain('did you mean LOG_LEVEL?');
  });

  it('ignores the variables that Kubernetes makes for Services called latchkey and latchkey-db', () => {
    const made = (name: string, address: string) => ({
      [`${name}_SERVICE_HOST`]: address,
      [`${name}_SERVICE_PORT`]: '4000',
      [`${name}_SERVICE_PORT_HTTP`]: '4000',
      [`${name}_PORT`]: `tcp://${address}:4000`,
      [`${name}_PORT_4000_TCP`]: `tcp://${address}:4000`,
      [`${name}_PORT_4000_TCP_PROTO`]: 'tcp',
      [`${name}_PORT_4000_TCP_PORT`]: '4000',
      [`${name}_PORT_4000_TCP_ADDR`]: address,
    });
    expect(mistakes({ ...made('LATCHKEY', '10.0.0.5'), ...made('LATCHKEY_DB', 'fd00::5') })).to.equal('');
  });

  it('refuses a name of that form with a value that Kubernetes does not write', () => {
    for (const [name, value] of [
      ['LATCHKEY_PORT', 'tcp'],
      ['LATCHKEY_SERVICE_HOST', 'id.example'],
      ['LATCHKEY_SERVICE_PORT', 'http'],
      ['LATCHKEY_PORT_4000_TCP_ADDR', 'x'],
    ] as const)
      expect(mistakes({ [name]: value })).to.contain(`${name} is not a setting`);
  });

  const bad: [string, string][] = [
    ['PORT', '70000'],
    ['PORT', '0'],
    ['PORT', '4000x'],
    ['DATABASE_URL', 'mysql://x'],
    ['LATCHKEY_PUBLIC_URL', 'https://id.example/path'],
    ['LATCHKEY_PUBLIC_URL', 'id.example'],
    ['LATCHKEY_PUBLIC_URL', 'https://ann@id.example'],
    ['LATCHKEY_PUBLIC_URL_FILE', '/run/secrets/url'],
    ['LATCHKEY_SECRET', 'short'],
    ['LATCHKEY_AUDIENCE', 'http://localhost:4000/admin'],
    ['LATCHKEY_ALLOWED_ORIGINS', 'https://a.example,*'],
    ['LATCHKEY_ALLOWED_ORIGINS', 'https://a b.example'],
    ['LATCHKEY_TRUST_PROXY', 'true'],
    ['LATCHKEY_TRUST_PROXY', '10.0.0.0/33'],
    ['LATCHKEY_TRUST_PROXY', '10.0.0.0/8,proxy.example'],
    ['LATCHKEY_APP_URLS', 'nowhere'],
    ['LATCHKEY_CODE_EXPIRES_IN_SECS', '61'],
    ['LATCHKEY_TOKEN_EXPIRES_IN_MINS', '0'],
    ['LATCHKEY_REQUIRE_PKCE', 'maybe'],
    ['LATCHKEY_HOST', 'http://0.0.0.0'],
    ['LATCHKEY_HOST', '0.0.0.0:4000'],
    ['NODE_ENV', 'prod'],
    ['LATCHKEY_CODE_EXPIRES_IN_SECS', '5s'],
    ['LATCHKEY_CODE_EXPIRES_IN_SECS', '1e1'],
    ['LATCHKEY_PASSWORD_MIN_LENGTH', '4'],
    ['LOG_LEVEL', 'loud'],
  ];
  for (const [name, value] of bad)
    it(`refuses ${name}=${value}, by name and without showing a secret`, () => {
      expect(mistakes({ [name]: value })).to.contain(name);
      expect(mistakes({ LATCHKEY_SECRET: 'tooshort' })).to.not.contain('tooshort');
    });

  it('shows no password of a URL', () => {
    for (const name of ['LATCHKEY_PUBLIC_URL', 'LATCHKEY_ALLOWED_ORIGINS', 'LATCHKEY_APP_URLS'])
      expect(mistakes({ [name]: 'https://ann:secret-word@id.example:443' })).to.not.contain('secret-word');
  });

  it('names the item of a list that is wrong', () => {
    expect(mistakes({ LATCHKEY_ALLOWED_ORIGINS: 'https://a.example https://b.example/x' })).to.equal(
      'LATCHKEY_ALLOWED_ORIGINS has the item https://b.example/x, which must not hold a path: write https://b.example.',
    );
  });

  it('accepts booleans and names in the usual spellings', () => {
    for (const value of ['true', 'TRUE', '1', 'yes', ' on\n'])
      expect(createConfig({ LATCHKEY_LONG_POLLING: value }).longPolling, value).to.equal(true);
    for (const value of ['false', 'False', '0', 'no', 'off'])
      expect(createConfig({ LATCHKEY_REQUIRE_PKCE: value }).requirePkce, value).to.equal(false);
    expect(createConfig({ LOG_LEVEL: 'WARN' }).logLevel).to.equal('warn');
    expect(mistakes({ NODE_ENV: 'Production ' })).to.contain('LATCHKEY_PUBLIC_URL is missing');
  });

  it('ignores white space around a value, and treats a value of white space as absent', () => {
    const config = createConfig({
      ...{ PORT: ' 5000\n', LATCHKEY_AUDIENCE: ' \n', LATCHKEY_SECRET: `${secret}\n`, LATCHKEY_HOST: '[::1]' },
      LATCHKEY_ALLOWED_ORIGINS: 'https://a.example, https://A.example:443/ ,\nhttps://b.example,',
      LATCHKEY_DEFAULT_SCOPES: 'read write,admin\nread',
    });
    expect(config).to.include({ port: 5_000, audience: 'http://localhost:5000', host: '::1' });
    expect(config.secret).to.deep.equal([secret]);
    expect(config.defaultScopes).to.deep.equal(['read', 'write', 'admin']);
    expect(config.allowedOrigins).to.deep.equal(['https://a.example', 'https://b.example']);
  });

  it('names a value in quotes, a setting in lower case, and an empty file', () => {
    expect(mistakes({ LATCHKEY_PUBLIC_URL: '"https://id.example"' })).to.contain('is in quotes');
    expect(mistakes({ latchkey_public_url: 'https://id.example' })).to.contain('did you mean LATCHKEY_PUBLIC_URL?');
    expect(mistakes({ DATABASE_URL_FILE: '/dev/null' })).to.equal('DATABASE_URL_FILE names a file that holds nothing.');
  });

  it('accepts proxies as addresses, as networks of IPv4 and IPv6, and by the names of local ones', () => {
    const proxies = ['10.0.0.1', '10.0.0.0/8', '10.0.0.0/255.0.0.0', 'fd00::/8', '::1', 'loopback', 'uniquelocal'];
    expect(createConfig({ LATCHKEY_TRUST_PROXY: proxies.join(', ') }).trustProxy).to.deep.equal(proxies);
    expect(createPeerReader(proxies)).to.be.a('function');
  });

  it('reads secrets from files, and refuses a secret with both a value and a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
    const file = join(folder, 'secret');
    writeFileSync(file, `${secret}\n`);
    expect(createConfig({ LATCHKEY_SECRET_FILE: file }).secret).to.deep.equal([secret]);
    expect(mistakes({ LATCHKEY_SECRET_FILE: file, LATCHKEY_SECRET: secret })).to.contain('both set');
    expect(mistakes({ LATCHKEY_SECRET_FILE: join(folder, 'none') })).to.contain('cannot be read');
    rmSync(folder, { recursive: true });
  });

  it('requires a secret for a shared database', () => {
    expect(mistakes({ DATABASE_URL: 'postgres://x' })).to.contain('LATCHKEY_SECRET is missing');
  });

  it('requires neither a secret nor a public URL for a command on the database', () => {
    const env = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/x' };
    expect(createConfig(env, { databaseOnly: true }).databaseUrl).to.equal('postgres://db/x');
    expect(() => createConfig({ NODE_ENV: 'production' }, { databaseOnly: true })).to.throw('DATABASE_URL is missing');
  });

  it('refuses unsafe settings in production', () => {
    const said = mistakes({ NODE_ENV: 'production' });
    expect(said).to.contain('DATABASE_URL is missing').and.to.contain('LATCHKEY_PUBLIC_URL is missing');
    expect(mistakes({ NODE_ENV: 'production', LATCHKEY_PUBLIC_URL: 'http://id.example' })).to.contain('https://');
    const safe = { NODE_ENV: 'production', LATCHKEY_PUBLIC_URL: 'https://id.example', LATCHKEY_SECRET: secret };
    expect(createConfig({ ...safe, DATABASE_URL: 'postgres://db/x' })).to.include({ host: '0.0.0.0' });
    expect(createConfig({ ...safe, LATCHKEY_ALLOW_EMBEDDED: 'true' }).embedded).to.equal(true);
  });

  it('refuses metrics on the port of the service, a host without a port, and a token that no header can carry', () => {
    expect(mistakes({ PORT: '4000', LATCHKEY_METRICS_PORT: '4000' })).to.contain('set another LATCHKEY_METRICS_PORT');
    expect(mistakes({ LATCHKEY_METRICS_HOST: '127.0.0.1' })).to.contain('LATCHKEY_METRICS_PORT is missing');
    expect(mistakes({ LATCHKEY_METRICS_TOKEN: 'too short' })).to.contain(
      'LATCHKEY_METRICS_TOKEN has to be at least 16',
    );
    expect(mistakes({ LATCHKEY_METRICS_TOKEN: 'sixteen and blanks' })).to.contain('LATCHKEY_METRICS_TOKEN');
  });

  it('listens for metrics on the loopback address, in production on every interface', () => {
    const production = { NODE_ENV: 'production', LATCHKEY_PUBLIC_URL: 'https://id.example', LATCHKEY_SECRET: secret };
    expect(createConfig({ LATCHKEY_METRICS_PORT: '9464' }).metricsHost).to.equal('127.0.0.1');
    const env = { ...production, DATABASE_URL: 'postgres://db/x', LATCHKEY_METRICS_PORT: '9464' };
    expect(createConfig(env).metricsHost).to.equal('0.0.0.0');
  });

  it('is printed without secrets', () => {
    const shown = JSON.stringify(
      maskedConfig(createConfig({ LATCHKEY_SECRET: secret, DATABASE_URL: 'postgres://u:pw@db/x' })),
    );
    expect(shown).to.not.contain(secret).and.to.not.contain('pw@db');
  });
});
