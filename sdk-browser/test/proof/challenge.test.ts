import { expect } from 'chai';
import fc from 'fast-check';
import { challengeForRealm, parseChallenges } from '../../src/proof/challenge.ts';

function refused(challenge: string, status = 401): Response {
  return new Response(null, { status, headers: { 'www-authenticate': challenge } });
}

describe('parseChallenges', () => {
  it('parses several challenges, quoted or not, with optional spaces', () => {
    expect(parseChallenges('Basic realm="a, \\"b\\"" , BEARER  Realm = latchkey,error="invalid_token"')).to.deep.equal([
      { scheme: 'basic', parameters: { realm: 'a, "b"' } },
      { scheme: 'bearer', parameters: { realm: 'latchkey', error: 'invalid_token' } },
    ]);
  });
  it('parses a challenge behind a token68', () => {
    const found = parseChallenges('Negotiate YWJj==, DPoP realm="latchkey", algs="ES256"');
    expect(found.at(-1)).to.deep.equal({ scheme: 'dpop', parameters: { realm: 'latchkey', algs: 'ES256' } });
  });
  it('parses any text without an error or a change of a prototype', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { parameters } of parseChallenges(text)) expect(Object.values(parameters).join()).to.be.a('string');
      }),
    );
    expect(parseChallenges('Bearer __proto__="x"')[0]?.parameters.toString).to.equal(Object.prototype.toString);
  });
  it('parses a long malicious header in linear time', () => {
    const start = performance.now();
    parseChallenges(`${'a'.repeat(20_000)}${' '.repeat(20_000)}="${'\\'.repeat(20_001)}`);
    expect(performance.now() - start).to.be.below(500);
  });
});

describe('challengeForRealm', () => {
  it('returns the challenge of the service and its backends', () => {
    expect(challengeForRealm(refused('Bearer realm="latchkey", error="invalid_token"'))?.parameters.error).to.equal(
      'invalid_token',
    );
    expect(challengeForRealm(refused('DPoP realm="latchkey", algs="ES256", error="use_dpop_nonce"'))?.scheme).to.equal(
      'dpop',
    );
  });
  it('returns undefined for another realm and another status', () => {
    expect(challengeForRealm(refused('Bearer realm="Latchkey"'))).to.equal(undefined);
    expect(challengeForRealm(refused('Basic realm="latchkey"'))).to.equal(undefined);
    expect(challengeForRealm(refused('Bearer realm="latchkey"', 403))).to.equal(undefined);
    expect(challengeForRealm(new Response(null, { status: 401 }))).to.equal(undefined);
  });
});
