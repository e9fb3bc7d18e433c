import { expect } from 'chai';
import { parseCallback } from '../../src/redirect/callback.ts';

describe('parseCallback', () => {
  const nothing = { code: undefined, error: undefined, iss: undefined };
  const cases: [string, ReturnType<typeof parseCallback>][] = [
    ['', undefined],
    ['#', undefined],
    ['#/inbox', undefined],
    ['#code=c', undefined],
    ['#state=s', undefined],
    ['#a=1&code=c&state=s&iss=i', { ...nothing, state: 's', code: 'c', iss: 'i', rest: '#a=1' }],
    ['#encode=c&estate=s', undefined],
    ['#code=c&state=s', { ...nothing, code: 'c', state: 's', rest: '' }],
    ['#state=s&code=c&/inbox?x=%20', { ...nothing, code: 'c', state: 's', rest: '#/inbox?x=%20' }],
    ['#top&code=a%2Bb&part=2&state=a+b%26c', { ...nothing, code: 'a+b', state: 'a b&c', rest: '#top&part=2' }],
    ['#error=forbidden&error_description=no&state=s', { ...nothing, error: 'forbidden', state: 's', rest: '' }],
    ['#code=c&code=d&state=s', { ...nothing, state: 's', rest: '' }],
    ['#code=c&state=s&iss=i&iss=j', { ...nothing, code: 'c', state: 's', rest: '' }],
    ['#code=c&state=s&state=t', { ...nothing, code: 'c', state: undefined, rest: '' }],
    ['#code=%&state=%E0', { ...nothing, code: '%', state: '\uFFFD', rest: '' }],
  ];
  for (const [fragment, answer] of cases)
    it(`parses ${fragment || 'no fragment'}`, () => expect(parseCallback(fragment)).to.deep.equal(answer));
});
