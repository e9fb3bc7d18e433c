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
    it(`takes ${JSON.stringify(password.slice(0, 20))}`, async () => expect(await judge(password)).to.equal(password));
  }

  it('counts code points, not code units', async () => {
    expect(await judge('🔑🦊🐝🌵')).to.contain('at least 8 characters');
  });

  it('counts after NFC and gives the NFC form', async () => {
    expect(await judge('a\u0308o\u0308u\u0308e\u0308')).to.contain('at least 8 characters');
    expect(await judge('a\u0308-long-enough')).to.equal('\u00e4-long-enough');
  });

  it('refuses more than 1,024 bytes instead of cutting', async () => {
    expect(await judge('ä'.repeat(512))).to.equal('ä'.repeat(512));
    expect(await judge(`${'ä'.repeat(512)}!`)).to.contain('at most 1024 bytes');
  });

  it('refuses half a surrogate pair, which would be the same bytes as any other half', async () => {
    expect(await judge('half a \ud83d pair')).to.contain('valid text');
  });

  for (const password of ['password1', 'PassWord1', 'ｐａｓｓｗｏｒｄ1', '12345678', 'qwertyuiop']) {
    it(`refuses ${password} as common`, async () => expect(await judge(password)).to.contain('most common'));
  }

  it('asks for the whole password only', async () => {
    expect(await judge('password1 and more')).to.equal('password1 and more');
  });

  for (const password of [email, 'ann.miller', 'ANN.Miller', 'Ann.Miller@Example.org']) {
    it(`refuses the own address: ${password}`, async () => expect(await judge(password)).to.contain('e-mail address'));
  }

  it('takes an address where the user has none', async () => {
    expect(await judge('ann.miller', null)).to.equal('ann.miller');
  });

  it('refuses a minimum below 8 at creation', () => {
    expect(() => createPasswordRules({ minLength: 7 })).to.throw(TypeError, 'at least 8');
  });
});

describe('normalizePassword', () => {
  it('gives undefined for what no account can have', () => {
    expect(normalizePassword('x'.repeat(maxPasswordBytes + 1))).to.equal(undefined);
    expect(normalizePassword('\udc00')).to.equal(undefined);
    expect(normalizePassword('')).to.equal('');
  });
});
