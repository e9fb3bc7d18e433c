import { expect } from 'chai';
import { isRedirect } from '../../src/redirect/redirect-request.ts';

describe('isRedirect', () => {
  const cases: [string, string, boolean][] = [
    ['/signin', '?app=https://app.test/in&code_challenge=c&state=s', true],
    ['/signup', '?app=https://app.test/in', true],
    ['/signin', '?code_challenge=c', true],
    ['/signin', '?state=', true],
    ['/signin', '?client_id=c&redirect_uri=https://app.test/in', true],
    ['/signin', '', false],
    ['/signin', '?from=mail', false],
    ['/account', '?app=https://app.test/in', false],
    ['/', '?app=https://app.test/in', false],
  ];
  for (const [pathname, search, expected] of cases)
    it(`${pathname}${search} ${expected ? 'is' : 'is not'} an app’s request`, () =>
      expect(isRedirect({ pathname, search })).to.equal(expected));
});
