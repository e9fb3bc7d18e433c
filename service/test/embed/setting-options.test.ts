import { expect } from 'chai';
import { configOf, type SettingOptions } from '../../src/embed/setting-options.ts';

const secret = 'a secret that is long enough for it';

describe('configOf', () => {
  it('accepts settings by their names, in their own types', () => {
    const config = configOf({ publicUrl: 'https://app.test', codeExpiresInSecs: 5, requirePkce: false, secret });
    expect(config).to.include({ publicUrl: 'https://app.test', issuer: 'https://app.test', codeExpiresInSecs: 5 });
    expect(config).to.include({ requirePkce: false, embedded: true, tokenExpiresInMins: 720 });
    expect(config.secret).to.deep.equal([secret]);
    expect(configOf({ allowedOrigins: ['https://a.test', 'https://b.test'] }).allowedOrigins).to.have.length(2);
  });

  it('reads the given environment only, and prefers an option to a variable and to a file', () => {
    const env = { LATCHKEY_AUDIENCE: 'bank', PORT: '5000', LATCHKEY_SECRET_FILE: '/nowhere/to/be/found' };
    const config = configOf({ secret, port: 6_000 }, env);
    expect(config).to.include({ audience: 'bank', port: 6_000 });
    expect(configOf({}).audience).to.equal('http://localhost:4000');
  });

  const wrong: [string, SettingOptions, RegExp][] = [
    ['a bad value', { publicUrl: 'app.test' }, /^publicUrl has to be an origin/],
    ['a fraction', { codeExpiresInSecs: 0.5 }, /^codeExpiresInSecs has to be a whole number/],
    ['no number', { tokenExpiresInMins: Number.NaN }, /^tokenExpiresInMins has to be a whole number/],
    ['an empty text', { publicUrl: '' }, /^publicUrl is empty; leave it out/],
    ['another type', { dataDir: {} as never }, /^dataDir has to be a text/],
    ['a comma in a list', { secret: [`${secret},`] }, /^secret: an item of the list must not hold a comma/],
    ['what is missing', { databaseUrl: 'postgres://db.test/x' }, /^secret is missing: with databaseUrl set/],
    ['what production refuses', { nodeEnv: 'production', secret }, /databaseUrl is missing.*publicUrl is missing/s],
  ];
  for (const [title, options, sentence] of wrong) {
    it(`names the option: ${title}`, () => {
      expect(() => configOf(options)).to.throw(TypeError, sentence);
    });
  }

  it('names the variable when the value is from the environment', () => {
    expect(() => configOf({}, { LATCHKEY_PUBLIC_URL: 'app.test' })).to.throw(
      TypeError,
      /^LATCHKEY_PUBLIC_URL has to be/,
    );
  });
});
