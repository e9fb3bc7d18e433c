import { pagePaths } from '@latchkey/contract';
import { expect } from 'chai';
import { isMailPage, takeSecret } from '../../src/mail/take-secret.ts';

const secret = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('takeSecret', () => {
  const visit = (address: string) => {
    const location = new URL(address, 'https://id.test');
    const replaced: unknown[] = [];
    const history = { replaceState: (...given: unknown[]) => void replaced.push(given[2]) };
    return { found: takeSecret({ location, history } as unknown as Window), replaced };
  };

  it('takes the secret out of the address at once', () => {
    expect(visit(`/reset?tenant=blue#secret=${secret}`)).to.deep.equal({
      found: secret,
      replaced: ['/reset?tenant=blue'],
    });
  });

  it('takes what is not whole out of the address as well', () => {
    for (const fragment of ['#secret=', `#secret=${secret.slice(1)}`, `#secret=${secret}x`, '#secret=a/b', '#other'])
      expect(visit(`/reset${fragment}`), fragment).to.deep.equal({ found: undefined, replaced: ['/reset'] });
  });

  it('leaves an address without a fragment alone', () => {
    expect(visit('/forgot')).to.deep.equal({ found: undefined, replaced: [] });
  });
});

describe('isMailPage', () => {
  it('names the pages that work without a session', () => {
    const found = Object.values(pagePaths).filter((pathname) => isMailPage({ pathname }));
    expect(found).to.deep.equal([
      '/forgot',
      '/verify',
      '/reset',
      '/sign-in/email',
      '/account/email',
      '/undo',
      '/invitation',
    ]);
  });
});
