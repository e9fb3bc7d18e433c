import { expect } from 'chai';
import { pageUrl, tenantFromUrl } from '../src/tenant.ts';

describe('the tenant of a page', () => {
  it('is the one that the address names, and stays in the addresses of other pages', () => {
    for (const tenant of ['shop', 'a b&c=d', 'Zoë']) {
      const { search, pathname } = new URL(pageUrl('/account', tenant), 'https://id.example.com');
      expect([pathname, tenantFromUrl({ search })]).to.deep.equal(['/account', tenant]);
    }
  });
  it('is the default one without a name', () => {
    expect(['', '?tenant=', '?x=1'].map((search) => tenantFromUrl({ search }))).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    expect(pageUrl('/account', undefined)).to.equal('/account');
  });
});
