import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { createPasswordRules, maxPasswordBytes, normalizePassword } from '../../../src/domain/user/password-rules.ts';

const email = 'ann.miller@example.org';

describe('createPasswordRules', () => {
  const rules = createPasswordRules({ minLength: 8 });
  const judge = (password: string, address: string | null = email) =>
    rules.accept(password, { email: address }).catch((error) => {
      expect(error).to.be.instanceOf(Failure);
      expect(error.code).to.equal('weak_password');
      expect(error.details).to.deep.equal([{ path: 'password', message: error.message }]);
      return error.message as string;
    });

  for (const password of [
    'mind the gap',
    'žluťoučký kůň',
    '🔑🦊🐝🌵🍋🎈🪁🧩',
    '  spaces  stay  ',
    `${'x'.repeat(1_023)}y`,
    'nul\0is fine',
  ]) {
    it(`accepts ${JSON.stringify(password.slice(0, 20))}`, async () =>
      expect(await judge(password)).to.equal(password));
  }

  it('counts code points, not code units', async () => {
    expect(await judge('🔑🦊🐝🌵')).to.contain('at least 8 characters');
  });

  it('counts after NFC, and returns the NFC form', async () => {
    expect(await judge('a\u0308o\u0308u\u0308e\u0308')).to.contain('at least 8 characters');
    expect(await judge('a\u0308-long-enough')).to.equal('\u00e4-long-enough');
  });

  it('refuses more than 1,024 bytes, and does not truncate', async () => {
    expect(await judge('ä'.repeat(512))).to.equal('ä'.repeat(512));
    expect(await judge(`${'ä'.repeat(512)}!`)).to.contain('at most 1024 bytes');
  });

  it('refuses a lone surrogate, because all lone surrogates have the same bytes', async () => {
    expect(await judge('half a \ud83d pair')).to.contain('valid text');
  });

  for (const password of [
    'password1',
    'PassWord1',
    'ｐａｓｓｗｏｒｄ1',
    'pass\u200bword\u2060',
    '12345678',
    'qwertyuiop',
  ]) {
    it(`refuses ${JSON.stringify(password)} as common`, async () =>
      expect(await judge(password)).to.contain('most common'));
  }

  for (const password of [
    'P4ssw0rd2024!',
    'pa$$w0rd123',
    '!!Dragon1987',
    'Sunsh1ne!!',
    'monkey2024',
    'qwerty!2024',
    '1etmein99',
    'princes5',
  ]) {
    it(`refuses ${password} as a simple variant`, async () =>
      expect(await judge(password)).to.contain('simple variant of one of the most common'));
  }

  for (const password of ['dragon of the north', '4 dragons, 1 monkey', 'monkey20242025202', 'vK3!xq9$Lm2#']) {
    it(`accepts ${password}, which is more than a variant`, async () =>
      expect(await judge(password)).to.equal(password));
  }

  describe('with the names of service and tenant', () => {
    const named = createPasswordRules({ minLength: 8, serviceNames: ['Latchkey', 'login.brightbank.example'] });
    const reason = (password: string) =>
      named.accept(password, { email, tenant: ['acme-corp', 'Acme Corporation'] }).catch((error) => error.message);

    for (const [password, name] of [
      ['Latchkey1', 'this service'],
      ['latchkey-2024', 'this service'],
      ['1atchk3y!!', 'this service'],
      ['BrightBank24', 'this service'],
      ['login-brightbank', 'this service'],
      ['acme-corp1', 'your organization'],
      ['AcmeCorporation', 'your organization'],
      ['corp0rati0n!', 'your organization'],
      ['annmiller1987', 'your e-mail address'],
      ['M1ller!2024', 'your e-mail address'],
      ['ann.miller@example.org1', 'your e-mail address'],
    ] as const)
      it(`refuses ${password}, which is made of the name of ${name}`, async () =>
        expect(await reason(password)).to.contain(name));

    for (const password of [
      'latchkey on a red string',
      'brightbank opens at nine',
      'miller walks uphill',
      'annabelle walks',
    ])
      it(`accepts ${password}, which has further words`, async () => expect(await reason(password)).to.equal(password));
  });

  it('compares the whole password only', async () => {
    expect(await judge('password1 and more')).to.equal('password1 and more');
  });

  for (const password of [email, 'ann.miller', 'ANN.Miller', 'Ann.Miller@Example.org']) {
    it(`refuses the address of the user: ${password}`, async () =>
      expect(await judge(password)).to.contain('e-mail address'));
  }

  it('accepts an address when the user has none', async () => {
    expect(await judge('ann.miller', null)).to.equal('ann.miller');
  });

  it('refuses a minimum below 8 at creation', () => {
    expect(() => createPasswordRules({ minLength: 7 })).to.throw(TypeError, 'at least 8');
  });
});

describe('normalizePassword', () => {
  it('returns undefined for a password that no account can have', () => {
    expect(normalizePassword('x'.repeat(maxPasswordBytes + 1))).to.equal(undefined);
    expect(normalizePassword('\udc00')).to.equal(undefined);
    expect(normalizePassword('')).to.equal('');
  });
});
