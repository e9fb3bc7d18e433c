import { expect } from 'chai';
import { errorText, thrownText } from '../../src/base/thrown-text.ts';

const circular: Record<string, unknown> = { name: 'ErrnoError' };
circular.self = circular;

describe('thrownText', () => {
  const rows: [unknown, string][] = [
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [5n, '5'],
    [Symbol('a'), 'Symbol(a)'],
    [{ name: 'ErrnoError', errno: 51 }, '{"name":"ErrnoError","errno":51}'],
    [{ name: 'ErrnoError', message: 'FS error' }, 'ErrnoError: FS error'],
    [{ message: 'only a message' }, 'only a message'],
    [Object.create(null), '{}'],
    [[1, 2], '[1,2]'],
    [circular, 'ErrnoError'],
    [{ toJSON: () => undefined }, 'an object without a message'],
  ];
  for (const [value, text] of rows) it(`of a thrown value is ${text}`, () => expect(thrownText(value)).to.equal(text));
});

describe('errorText', () => {
  it('is the message of an error, its name without one, and the text of anything else', () => {
    expect(errorText(new Error('no space'))).to.equal('no space');
    expect(errorText(new TypeError())).to.equal('TypeError');
    expect(errorText({ code: 5 })).to.equal('{"code":5}');
  });
});
