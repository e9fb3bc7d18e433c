import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import fc from 'fast-check';
import { foldIdentifier, parseIdentifier, requireIdentifier } from '../../../src/domain/user/identifier.ts';

describe('parseIdentifier', () => {
  for (const email of [
    'ann@example.org',
    'ann+tag@example.org',
    "o'brien@mail.example.org",
    'ann@localhost',
    'änn@bücher.example',
  ]) {
    it(`takes ${email}`, () => expect(parseIdentifier(email)?.email).to.equal(email));
  }

  const refused = {
    nothing: '',
    'no @': 'ann.example.org',
    'two @': 'ann@home@example.org',
    'no name': '@example.org',
    'no domain': 'ann@',
    'an empty label': 'ann@example..org',
    'a dot at the end': 'ann@example.org.',
    'a space before': ' ann@example.org',
    'a line break behind': 'ann@example.org\n',
    'a NUL': 'ann\0@example.org',
    'a header': 'ann@example.org,bob@example.org',
    'a display name': 'Ann <ann@example.org>',
    'a zero-width space': 'ann\u200b@example.org',
    'a text direction mark': 'ann\u202e@example.org',
    'half a surrogate pair': 'ann\ud800@example.org',
    'a full-width @ that folds into a second one': 'ann\uff20home@example.org',
    '255 characters': `${'a'.repeat(243)}@example.org`,
    '255 bytes in fewer characters': `${'ä'.repeat(122)}@example.org`,
  };
  for (const [what, email] of Object.entries(refused)) {
    it(`refuses ${what}`, () => expect(parseIdentifier(email)).to.equal(undefined));
  }

  it('takes 254 characters', () => {
    expect(parseIdentifier(`${'a'.repeat(242)}@example.org`)).to.have.property('key');
  });

  it('keeps the address as it was typed, in NFC', () => {
    expect(parseIdentifier('A\u0308nn@Example.org')).to.deep.equal({
      email: 'Änn@Example.org',
      key: 'änn@example.org',
    });
  });
});

describe('foldIdentifier', () => {
  const twins = [
    ['Ann@Example.ORG', 'ann@example.org'],
    ['a\u0308nn@example.org', '\u00e4nn@example.org'],
    ['\uff41\uff4e\uff4e@example.org', 'ann@example.org'],
    ['\u212aate@example.org', 'kate@example.org'],
    ['stra\u00dfe@example.org', 'STRASSE@example.org'],
    ['\u03c3\u03b1\u03c2@example.org', '\u03a3\u0391\u03a3@example.org'],
    ['\ufb01ne@example.org', 'fine@example.org'],
  ];
  for (const [left, right] of twins) {
    it(`makes ${left} and ${right} one`, () => expect(foldIdentifier(left!)).to.equal(foldIdentifier(right!)));
  }

  it('is idempotent, and blind to case and normal form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const folded = foldIdentifier(text);
        expect(foldIdentifier(folded)).to.equal(folded);
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'])
          expect(foldIdentifier(text.normalize(form))).to.equal(folded);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is idempotent and blind to case for each single character', () => {
    const wrong: string[] = [];
    for (let point = 1; point < 0x20000; point++) {
      if (point >= 0xd800 && point < 0xe000) continue;
      const text = String.fromCodePoint(point);
      const folded = foldIdentifier(text);
      const spellings = [folded, text.toLowerCase(), text.toUpperCase(), text.normalize('NFD'), text.normalize('NFKC')];
      if (spellings.some((spelling) => foldIdentifier(spelling) !== folded)) wrong.push(point.toString(16));
    }
    expect(wrong).to.deep.equal([]);
  });
});

describe('requireIdentifier', () => {
  it('names the field of a wrong address, and not the address', () => {
    expect(() => requireIdentifier('nobody'))
      .to.throw(Failure)
      .that.deep.includes({
        code: 'invalid_request',
        details: [{ path: 'email', message: 'This is not an e-mail address.' }],
      });
  });
});
