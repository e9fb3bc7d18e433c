import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { type ForeignHash, toStoredHash } from '../../../../src/domain/user/hash/foreign-hash.ts';
import { readHash } from '../../../../src/domain/user/hash/password-hash.ts';

/** Passwords of passlib/tests/test_handlers.py. */
const wave = '\u0399\u03c9\u03b1\u03bd\u03bd\u03b7\u03c2';
const table = 't\u00e1\u0411\u2113\u0259';
const letmein = 'l\u00e8tmein';

interface Vector {
  readonly password: string;
  readonly hash: ForeignHash;
  readonly weak?: true;
}

const vector = (password: string, hash: ForeignHash): Vector => ({ password, hash });
const weak = (password: string, hash: string): Vector => ({ password, hash, weak: true });

/** Hashes by the name of the publication that has them. */
const vectors: Readonly<Record<string, readonly Vector[]>> = {
  // https://github.com/P-H-C/phc-winner-argon2/blob/master/src/test.c
  'argon2, the reference implementation': [
    vector('password', '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8'),
    vector('password', '$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E'),
    vector('password', '$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY'),
    vector('password', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
  ],
  // Made by its command line; passlib/tests/test_handlers_argon2.py
  'argon2, passlib': [
    vector('password', '$argon2d$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$cZn5d+rFh+ZfuRhm2iGUGgcrW5YLeM6q7L3vBsdmFA0'),
    vector('password', '$argon2i$v=19$m=380,t=2,p=2$c29tZXNhbHQ$SrssP8n7m/12VWPM8dvNrw'),
    vector(table, '$argon2i$v=19$m=512,t=2,p=2$1sV0O4PWLtc12Ypv1f7oGw$z+yqzlKtrq3SaNfXDfIDnQ'),
  ],
  // crypt_blowfish 1.3 of Openwall, wrapper.c, and John the Ripper for the empty password
  'bcrypt, crypt_blowfish': [
    vector('U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
    vector('U*U*', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'),
    vector('U*U*U', '$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'),
    vector('', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'),
    vector(
      '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored',
      '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui',
    ),
  ],
  // A letter of two bytes above 127; passlib/tests/test_handlers_bcrypt.py
  'bcrypt, passlib': [vector('\u0451', '$2y$05$6bNw2HLQYeqHYyBfLMsv/OUcZd0LKP39b87nBw3.S2tVZSqiQX6eu')],
  // RFC 7914, section 12, cut to 32 bytes, in the encoding of passlib
  'scrypt, RFC 7914': [
    vector('', '$scrypt$ln=4,r=1,p=1$$d9ZXYjhleyA7GcpCwYoEl/FrSETjB0ro39/6P+3iFEI'),
    vector('password', '$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI'),
    vector('pleaseletmein', '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI'),
  ],
  // passlib/tests/test_handlers_scrypt.py
  'scrypt, passlib': [
    vector('nacl', '$scrypt$ln=1,r=4,p=2$yhnD+J+Tci4lZCwFgHCuVQ$fAsEWmxSHuC0cHKMwKVFPzrQukgvK09Sj+NueTSxKds'),
    vector(table, '$scrypt$ln=7,r=8,p=1$jjGmtDamdA4BQAjBeA9BSA$OiWRHhQtpDx7M/793x6UXK14AD512jg/qNm/hkWZG4M'),
  ],
  // The first: README of https://github.com/firebase/scrypt. The second: supabase/auth, internal/crypto/password_test.go
  'scrypt, Firebase': [
    vector(
      'user1password',
      '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
    ),
    vector(
      'mytestpassword',
      '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsalx4c4c7y/w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw==',
    ),
  ],
  // passlib/tests/test_handlers_pbkdf2.py
  'pbkdf2, passlib': [
    vector('password', '$pbkdf2$1212$OB.dtnSEXZK8U5cgxU/GYQ$y5LKPOplRmok7CZp/aqVDVg8zGI'),
    vector('password', '$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ'),
    vector(wave, '$pbkdf2-sha256$1212$3SABFJGDtyhrQMVt1uABPw$WyaUoqCLgvz97s523nF4iuOqZNbp5Nt8do/cuaa7AiI'),
    vector(
      'password',
      '$pbkdf2-sha512$1212$RHY0Fr3IDMSVO/RSZyb5ow$eNLfBK.eVozomMr.1gYa17k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww',
    ),
  ],
  // RFC 6070, section 2, the fourth: 4,096 iterations over "salt"
  'pbkdf2, RFC 6070': [vector('password', '$pbkdf2-sha1$i=4096,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE')],
  // ory/kratos, hash/hash_comparator_test.go
  'pbkdf2, the PHC form of Auth0 and Ory': [
    vector(
      'test',
      '$pbkdf2-sha256$i=100000,l=32$1jP+5Zxpxgtee/iPxGgOz0RfE9/KJuDElP1ley4VxXc$QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI',
    ),
    vector(
      'test',
      '$pbkdf2-sha512$i=100000,l=32$bdHBpn7OWOivJMVJypy2UqR0UnaD5prQXRZevj/05YU$+wArTfv1a+bNGO1iZrmEdVjhA+lL11wF4/IxpgYfPwc',
    ),
  ],
  // django/tests/auth_tests/test_hashers.py, of 1.8, 2.1 and 5.1
  Django: [
    vector(letmein, 'pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0='),
    vector(letmein, 'pbkdf2_sha256$120000$seasalt$fsgWMpOXin7ZAmi4j+7XjKCZ4JCvxJTGiwwDrawRqSc='),
    vector(
      letmein,
      'scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3Fbb7JEFPKGpuEf5vw==',
    ),
    weak(letmein, 'md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3'),
    weak(letmein, 'sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8'),
  ],
  // The example realm of strimzi-kafka-operator: the user alice
  Keycloak: [
    vector('alice-password', {
      secretData:
        '{"value":"KqABIiReBuRWbP4pBct3W067pNvYzeN7ILBV+8vT8nuF5cgYs2fdl2QikJT/7bGTW/PBXg6CYLwJQFYrBK9MWg==","salt":"EPgscX9CQz7UnuZDNZxtMw=="}',
      credentialData: '{"hashIterations":27500,"algorithm":"pbkdf2-sha256"}',
    }),
  ],
  // passlib/tests/test_handlers.py
  'RFC 2307, passlib': [
    weak('testing1234', '{SMD5}UjFY34os/pnZQ3oQOzjqGu4yeXE='),
    weak('testing123', '{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr'),
    weak(
      'password',
      '{SSHA512}f/lFQskkl7PdMsTGJxHZq8LDt/l+UqRMm6/pj4pV7/xZkcOaKCgvQqp+KCeXc/Vd4RY6vEHWn4y0DnFcQ6wgyv9fyxk=',
    ),
    weak('', '{MD5}1B2M2Y8AsgTpgAmY7PhCfg=='),
    weak('', '{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk='),
  ],
};

const titleOf = (hash: ForeignHash) => (typeof hash === 'string' ? hash : hash.credentialData).slice(0, 60);

function messageOf(hash: ForeignHash): string | undefined {
  try {
    toStoredHash(hash, { allowWeak: true });
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalid_request') return error.details?.[0]?.message;
    throw error;
  }
}

describe('toStoredHash', () => {
  for (const [source, hashes] of Object.entries(vectors))
    for (const { password, hash, weak: isWeak = false } of hashes)
      it(`takes ${titleOf(hash)} (${source})`, async () => {
        const stored = toStoredHash(hash, { allowWeak: isWeak });
        const read = readHash(stored)!;
        expect(read.text).to.equal(stored);
        expect(await read.verify(password)).to.equal(true);
        expect(await read.verify(`${password}?`.slice(-70))).to.equal(false);
        expect(read.isWeak).to.equal(isWeak);
      });

  it('stores one form of what is written in several', () => {
    const hash = 'QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI';
    const stored = `$pbkdf2-sha256$i=100000,l=32$c2VhIHNhbHQ$${hash}`;
    for (const form of [stored, `$pbkdf2-sha256$100000$c2VhIHNhbHQ$${hash}`, `pbkdf2_sha256$100000$sea salt$${hash}=`])
      expect(toStoredHash(form)).to.equal(stored);
    expect(toStoredHash('bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK')).to.match(/^\$2b\$05\$/);
    expect(toStoredHash('argon2$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5Q')).to.match(
      /^\$argon2id/,
    );
  });

  it('takes the argon2 of Keycloak', () => {
    const credentialData = JSON.stringify({
      hashIterations: 5,
      algorithm: 'argon2',
      additionalParameters: {
        ...{ hashLength: ['32'], memory: ['7168'], type: ['id'], version: ['1.3'], parallelism: ['1'] },
      },
    });
    const value = Buffer.alloc(32, 1).toString('base64');
    const secretData = JSON.stringify({ value, salt: Buffer.from('a salt of 16 by.').toString('base64') });
    expect(toStoredHash({ credentialData, secretData })).to.match(
      /^\$argon2id\$v=19\$m=7168,t=5,p=1\$[^$=]{22}\$[^$=]{43}$/,
    );
  });

  const salt = 'c29tZXNhbHRzb21lc2FsdA';
  const hash32 = 'QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI';
  const tooCostly: Readonly<Record<string, readonly string[]>> = {
    memory: [
      `$argon2id$v=19$m=262145,t=1,p=1$${salt}$${hash32}`,
      `$argon2id$v=19$m=4194304,t=1,p=1$${salt}$${hash32}`,
      `$scrypt$ln=19,r=8,p=1$${salt}$${hash32}`,
      `$scrypt$ln=31,r=16777216,p=1$${salt}$${hash32}`,
    ],
    second: [
      `$pbkdf2-sha256$i=2147483648,l=32$${salt}$${hash32}`,
      `pbkdf2_sha256$4294967295$salt$${hash32}=`,
      `$2b$31$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK`,
      `$argon2id$v=19$m=65536,t=1000,p=1$${salt}$${hash32}`,
      `$argon2id$v=19$m=65536,t=4294967295,p=1$${salt}$${hash32}`,
      `$scrypt$ln=14,r=8,p=1000$${salt}$${hash32}`,
    ],
  };
  for (const [word, hashes] of Object.entries(tooCostly))
    for (const hash of hashes)
      it(`refuses the cost of ${hash.slice(0, 45)}`, () => expect(messageOf(hash)).to.contain(word));

  const usual = [
    `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${hash32}`,
    `$argon2id$v=19$m=262144,t=1,p=1$${salt}$${hash32}`,
    '$2b$14$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK',
    `$pbkdf2-sha256$i=1500000,l=32$${salt}$${hash32}`,
    `$scrypt$ln=17,r=8,p=1$${salt}$${hash32}`,
  ];
  for (const hash of usual)
    it(`takes the cost of ${hash.slice(0, 45)}`, () => expect(messageOf(hash)).to.equal(undefined));

  it('refuses a digest without a work factor unless it is allowed', () => {
    expect(() => toStoredHash('{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=')).to.throw(Failure);
    expect(messageOf('{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=')).to.equal(undefined);
  });

  const refused: readonly ForeignHash[] = [
    ...[
      '',
      'none',
      'plain text',
      '$',
      '$$$$',
      'x'.repeat(3_000),
      '!',
      'md5',
      '{CRYPT}$1$dOHYPKoP$tnxS1T8Q6VVn3kpV8cN6o.',
    ],
    '$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e',
    '$2b$03$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK',
    '$2b$32$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK',
    '$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lw',
    // passlib/tests/test_handlers_argon2.py, known_malformed_hashes
    '$argon2i$v=19$t=2,p=4$c29tZXNhbHQAAAAAAAAAAA$QWLzI4TY9HkL2ZTLc8g6SinwdhZewYrzz9zxCo0bkGY',
    '$argon2i$v=19$m=65536,t=8589934592,p=4$c29tZXNhbHQAAAAAAAAAAA$QWLzI4TY9HkL2ZTLc8g6SinwdhZewYrzz9zxCo0bkGY',
    '$argon2i$v=19$m=65536,t=2,p=4,q=5$c29tZXNhbHQAAAAAAAAAAA$QWLzI4TY9HkL2ZTLc8g6SinwdhZewYrzz9zxCo0bkGY',
    '$argon2i$v=19$m=127,t=2,p=16$c29tZXNhbHQ$IMit9qkFULCMA/ViizL57cnTLOa5DiVM9eMwpAvPwr4',
    '$argon2i$v=19$m=65536,t=2,p=4,keyid=ABCD$c29tZXNhbHQ$IMit9qkFULCMA/ViizL57cnTLOa5DiVM9eMwpAvPwr4',
    `$argon2id$v=18$m=65536,t=2,p=1$${salt}$${hash32}`,
    // passlib/tests/test_handlers_scrypt.py and test_handlers_pbkdf2.py, known_malformed_hashes
    '$scrypt$ln=10,r=1$wvif8/4fg1Cq9V7L2dv73w$bJcLia1lyfQ1X2x0xflehwVXPzWIUQWWdnlGwfVzBeQ',
    '$scrypt$ln=0,r=1,p=1$wvif8/4fg1Cq9V7L2dv73w$bJcLia1lyfQ1X2x0xflehwVXPzWIUQWWdnlGwfVzBeQ',
    '$scrypt$ln=10,r=A,p=1$wvif8/4fg1Cq9V7L2dv73w$bJcLia1lyfQ1X2x0xflehwVXPzWIUQWWdnlGwfVzBeQ',
    '$scrypt$ln=10,r=134217728,p=8$wvif8/4fg1Cq9V7L2dv73w$bJcLia1lyfQ1X2x0xflehwVXPzWIUQWWdnlGwfVzBeQ',
    '$pbkdf2$01212$THDqatpidANpadlLeTeOEg$HV3oi1k5C5LQCgG1BMOL.BX4YZc',
    '$pbkdf2$$THDqatpidANpadlLeTeOEg$HV3oi1k5C5LQCgG1BMOL.BX4YZc',
    '$pbkdf2$1212$THDqatpidANpadlLeTeOEg$HV3oi1k5C5LQCgG1BMOL.BX4YZc$',
    `$pbkdf2-md5$i=1000,l=32$${salt}$${hash32}`,
    `$pbkdf2-sha256$i=0,l=32$${salt}$${hash32}`,
    `$pbkdf2-sha256$i=1000,l=32$${salt}$c2hvcnQ`,
    `scrypt$16385$salt$8$1$${hash32}`,
    `md5$salt$abc`,
    { credentialData: 'no json', secretData: '{}' },
    { credentialData: '{"hashIterations":1,"algorithm":"md5"}', secretData: '{"value":"","salt":""}' },
  ];
  for (const hash of refused)
    it(`refuses ${titleOf(hash)}`, () => expect(messageOf(hash)).to.match(/format|version 2x/));
});
