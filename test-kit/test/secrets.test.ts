import { expect } from 'chai';
import { createSecrets } from '../node/secrets.ts';

describe('createSecrets', () => {
  it('finds a secret whole, escaped for a URL or inside JSON', () => {
    const secrets = createSecrets();
    secrets.add('password', 'päss "word" 9');
    for (const leak of [
      'x päss "word" 9',
      JSON.stringify({ a: 'päss "word" 9' }),
      encodeURIComponent('päss "word" 9'),
    ]) {
      expect(() => secrets.assertAbsent(leak)).to.throw('password');
    }
    secrets.assertAbsent('another word 9');
  });

  it('finds a JWT by its payload or its signature alone, not by its header', () => {
    const secrets = createSecrets();
    secrets.add('token', 'aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl');
    expect(secrets.findIn('header aGVhZGVy')).to.deep.equal([]);
    expect(secrets.findIn('…cGF5bG9hZA…')).to.deep.equal(['token']);
    expect(secrets.findIn('sig=c2lnbmF0dXJl')).to.deep.equal(['token']);
  });

  it('collects credentials of bodies at any depth and of a redirect, but no error code', () => {
    const secrets = createSecrets();
    secrets.addAll({ ok: true, data: { access_token: 'access-1' }, also_rotation_keys: ['key-0001', 'key-0002'] });
    secrets.addAll({ url: 'https://app.test/#code=code-0001&state=s', expires_in: 30 });
    secrets.addAll({ code: 'token_reused', message: 'no' });
    expect(secrets.count()).to.equal(4);
    expect(secrets.findIn('code-0001 key-0002')).to.deep.equal(['also_rotation_keys', 'code']);
  });

  it('refuses to search for nothing, or for a word too short to exclude chance', () => {
    expect(() => createSecrets().assertAbsent('')).to.throw('no secret');
    expect(() => createSecrets().add('key', 'abc')).to.throw(TypeError);
  });
});
