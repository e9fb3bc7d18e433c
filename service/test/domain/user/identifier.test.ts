import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import fc from 'fast-check';
import { identifierKey, parseIdentifier, parseNewIdentifier } from '../../../src/domain/user/identifier.ts';

describe('parseIdentifier', () => {
  for (const email of [
    'ann@example.org',
    'ann+tag@example.org',
    "o'brien@mail.example.org",
    'ann@localhost',
    'änn@bücher.example',
  ]) {
    it(`accepts ${email}`, () => expect(parseIdentifier(email)?.email).to.equal(email));
  }

  const refused = {
    nothing: '',
    'no @': 'ann.example.org',
    'two @': 'ann@home@example.org',
    'no name': '@example.org',
    'no domain': 'ann@',
    'an empty label': 'ann@example..org',
    'a dot at the end': 'ann@example.org.',
    'a space inside': 'ann @example.org',
    'a NUL': 'ann\0@example.org',
    'a header': 'ann@example.org,bob@example.org',
    'a display name': 'Ann <ann@example.org>',
    'a zero-width space': 'ann\u200b@example.org',
    'a text direction mark': 'ann\u202e@example.org',
    'half a surrogate pair': 'ann\ud800@example.org',
    '255 characters': `${'a'.repeat(243)}@example.org`,
    '255 bytes in fewer characters': `${'ä'.repeat(122)}@example.org`,
  };
  for (const [what, email] of Object.entries(refused)) {
    it(`refuses ${what}`, () => expect(parseIdentifier(email)).to.equal(undefined));
  }

  it('accepts 254 characters', () => {
    expect(parseIdentifier(`${'a'.repeat(242)}@example.org`)).to.have.property('key');
  });

  it('returns the canonical spelling, and keeps the case before the @', () => {
    expect(parseIdentifier(' A\u0308nn@Example.org\n')).to.deep.equal({
      email: 'Änn@example.org',
      key: 'änn@example.org',
    });
  });
});

describe('identifierKey', () => {
  const oneMailbox = [
    ['Ann@Example.ORG', 'ann@example.org'],
    ['a\u0308nn@example.org', '\u00e4nn@example.org'],
    ['\u00c4NN@example.org', '\u00e4nn@example.org'],
    ['ann@b\u00fccher.example', 'ann@xn--bcher-kva.example'],
    ['ann@B\u00dcCHER.example', 'ANN@XN--BCHER-KVA.example'],
    [' ann@example.org ', 'ann@example.org'],
    ['ann@example.org\r\n', 'ann@example.org'],
    ['\u3000ann@example.org\u00a0', 'ann@example.org'],
    ['\ufeff\u200bann@example.org\u202c', 'ann@example.org'],
    ['\uff41\uff4e\uff4e@example.org', 'ann@example.org'],
    ['\uff21\uff2e\uff2e\uff20\uff45\uff58ample\uff0eorg', 'ann@example.org'],
    ['ann@ex\uff41mple.org', 'ann@example.org'],
    ['ann@example\u3002org', 'ann@example.org'],
    ['ann@example\uff61org', 'ann@example.org'],
    ['\uff76\uff9e@example.org', '\u30ac@example.org'],
  ];
  for (const [left, right] of oneMailbox) {
    it(`is the same for ${JSON.stringify(left)} and ${JSON.stringify(right)}`, () =>
      expect(identifierKey(left!)).to.equal(identifierKey(right!)));
  }

  const lookAlikes = [
    ['\u0131van@example.org', 'ivan@example.org'],
    ['\ufb01ne@example.org', 'fine@example.org'],
    ['stra\u00dfe@example.org', 'strasse@example.org'],
    ['ma\u017fs@example.org', 'mass@example.org'],
    ['\u0440\u0430y@example.org', 'pay@example.org'],
    ['ann@ex\u0430mple.org', 'ann@example.org'],
    ['\u{1d41a}nn@example.org', 'ann@example.org'],
    ['an n@example.org', 'ann@example.org'],
  ];
  for (const [left, right] of lookAlikes) {
    it(`differs for ${left} and ${right}`, () => expect(identifierKey(left!)).to.not.equal(identifierKey(right!)));
  }

  it('is idempotent, and the same for both canonical normal forms', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const key = identifierKey(text);
        expect(identifierKey(key)).to.equal(key);
        for (const form of ['NFC', 'NFD']) expect(identifierKey(text.normalize(form))).to.equal(key);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is ASCII for a single character beyond ASCII only if that is ASCII in NFC or another width', () => {
    const isAsciiInOtherForm = (text: string) =>
      !/[^\0-\x7f]/.test(text.normalize('NFC')) || /[\uff01-\uff5e]/.test(text);
    const wrong: string[] = [];
    for (let point = 0x80; point < 0x20000; point++) {
      if (point >= 0xd800 && point < 0xe000) continue;
      const text = String.fromCodePoint(point);
      const key = identifierKey(`a${text}@example.org`);
      if (!/[^\0-\x7f]/.test(key) && !isAsciiInOtherForm(text)) wrong.push(point.toString(16));
      if (identifierKey(key) !== key) wrong.push(`again ${point.toString(16)}`);
    }
    expect(wrong).to.deep.equal([]);
  });
});

describe('parseNewIdentifier', () => {
  const messageOf = (email: string) => {
    try {
      return parseNewIdentifier(email).key;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      expect(error).to.deep.include({ code: 'invalid_request' });
      expect(error.details?.[0]?.path).to.equal('email');
      expect(JSON.stringify(error.details)).to.not.include('@');
      return error.details?.[0]?.message;
    }
  };

  for (const email of [
    'ann@example.org',
    'ann_1-l0o+tag@localhost',
    'modern@my_host',
    'j\u00fcrgen@b\u00fccher.example',
    '\u0438\u0432\u0430\u043d.7@example.org',
    '\u4f50\u85e4\u3055\u3093@example.org',
    '\u738b\u5c0f\u660e@\u4f8b\u5b50.example',
    '\uae40\ucca0\uc218@example.org',
    '\u03bd\u03af\u03ba\u03bf\u03c2@example.org',
  ]) {
    it(`accepts ${email}`, () => expect(messageOf(email)).to.equal(email));
  }

  const refused: readonly [what: string, email: string, message: string][] = [
    ['no address', 'nobody', 'not an e-mail address'],
    ['a dotless i', '\u0131van@example.org', 'looks like one of Latin'],
    ['a dot above an i', 'i\u0307van@example.org', 'looks like one of Latin'],
    ['a dot above a j, in the domain', 'ann@bj\u0307orn.example', 'looks like one of Latin'],
    ['a capital I with a dot', '\u0130van@example.org', 'looks like one of Latin'],
    ['a mark before the first letter', '\u0301ann@example.org', 'no letter or digit'],
    ['a ligature', '\ufb01ne@example.org', 'variant of a letter'],
    ['bold letters of mathematics', '\u{1d41a}\u{1d427}\u{1d427}@example.org', 'variant of a letter'],
    ['a second @, of full width', 'ann\uff20home@example.org', 'not an e-mail address'],
    ['a long s', 'ma\u017fs@example.org', 'variant of a letter'],
    ['a Cyrillic letter among Latin ones', 'p\u0430ypal@example.org', 'mixes scripts'],
    ['a word of Cyrillic letters that are all Latin to the eye', '\u0441\u043e\u0440\u0430@example.org', 'looks like'],
    ['upper case that is Latin to the eye', '\u0412\u041e\u0412@example.org', 'looks like'],
    ['two kinds of digits', '\u0905\u0967\u0031@example.org', 'mixes scripts'],
    ['a symbol', 'ann\u{1f98a}@example.org', 'no letter or digit'],
    ['a filler that shows nothing', 'ann\u3164@example.org', 'variant of a letter'],
    ['a variation selector', 'ann\ufe0f@example.org', 'no letter or digit'],
    ['a grapheme joiner', 'an\u034fn@example.org', 'no letter or digit'],
    ['a ligature in the domain', 'ann@\ufb01ne.org', 'not valid (IDNA 2008)'],
    ['a Cyrillic letter in the domain', 'ann@ex\u0430mple.org', 'mixes scripts'],
    ['a domain of Cyrillic letters that are Latin to the eye', 'ann@\u0441\u043e\u0440\u0430.org', 'looks like'],
    ['the same domain in Punycode', 'ann@xn--80a1agc.org', 'looks like'],
    ['Punycode that means nothing', 'ann@xn--a-.org', 'not valid (IDNA 2008)'],
    ['a symbol in the domain', 'ann@\u2603.example', 'no letter or digit'],
  ];
  for (const [what, email, message] of refused) {
    it(`refuses ${what}`, () => expect(messageOf(email)).to.contain(message));
  }

  it('returns one skeleton for addresses that look the same, and none for ASCII', () => {
    const skeleton = (email: string) => parseNewIdentifier(email).skeleton;
    expect(skeleton('ann@example.org')).to.equal(null);
    expect(skeleton('\u0441\u043e\u0440\u0430\u0436@example.org')).to.be.a('string');
    expect(skeleton('r\u00f6rn@example.org')).to.equal(skeleton('r\u00f6m@example.org'));
    expect(skeleton('j\u00fc\u0308rgen@example.org')).to.equal(skeleton('j\u00fcrgen@example.org'));
    expect(skeleton('i\u0323\u0307van@example.org')).to.equal(skeleton('\u1ecbvan@example.org'));
    expect(skeleton('j\u00fcrgen@example.org')).to.not.equal(skeleton('j\u00f6rgen@example.org'));
  });
});
