import { expect } from 'chai';
import fc from 'fast-check';
import { findRepeatedMembers } from '../../src/base/repeated-members.ts';

type Json = null | boolean | number | string | Json[] | { readonly members: readonly (readonly [string, Json])[] };

/** Objects are lists of members, so that a name can be there twice. */
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, -1.5e3, '{"a":1,"a":2}', '\\', '"', ']', ':,'),
    fc.string(),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.record({ members: fc.array(fc.tuple(fc.constantFrom('a', 'b', '', '__proto__', '"', '\\'), tie('json'))) }),
  ),
}));

/** A name is written with an escape of each unit, or as `JSON.stringify` does. */
function toText(value: Json, isEscaped: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item) => toText(item, isEscaped)).join(' , ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = value.members.map(
    ([name, inner], at) => `${nameText(name, isEscaped && at % 2 === 1)} :\n${toText(inner, isEscaped)}`,
  );
  return `{${members.join(',')}}`;
}

function nameText(name: string, isEscaped: boolean): string {
  if (!isEscaped) return JSON.stringify(name);
  return `"${[...name].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`;
}

/** What the search has to find, in its order: the member before what is in it. */
function expectedOf(value: Json, path: readonly (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((item, at) => expectedOf(item, [...path, at]));
  if (typeof value !== 'object' || value === null) return [];
  const seen = new Set<string>();
  return value.members.flatMap(([name, inner]) => {
    const found = seen.has(name) ? [[...path, name]] : [];
    seen.add(name);
    return [...found, ...expectedOf(inner, [...path, name])];
  });
}

describe('findRepeatedMembers', () => {
  it('finds each member that an object has twice, and no other', () => {
    fc.assert(
      fc.property(json, fc.boolean(), (value, isEscaped) => {
        const text = toText(value, isEscaped);
        JSON.parse(text);
        const expected = expectedOf(value).map((path) => path.slice(0, 10));
        expect([...findRepeatedMembers(text)]).to.deep.equal(expected);
      }),
    );
  });

  it('reads a long text once, however it is nested and quoted', () => {
    const began = performance.now();
    const texts = [
      `"${'\\"'.repeat(100_000)}"`,
      `"${'\\n'.repeat(4_200_000)}"`,
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      `${'{"a":'.repeat(20_000)}1${',"a":1}'.repeat(20_000)}`,
      `{${'"a":1,'.repeat(40_000)}"b":1}`,
    ];
    for (const text of texts) for (const _ of findRepeatedMembers(text));
    expect(performance.now() - began).to.be.below(2_000);
  });
});
