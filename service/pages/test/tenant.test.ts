import { expect } from 'chai';
import { pageUrl, tenantFromUrl } from '../src/tenant.ts';

describe('the tenant of a page', () => {
  it('is read from the address, and kept in links to other pages', () => {
    for (const tenant of ['shop', 'a b&c=d', 'Zoë']) {
      const { search, pathname } = new URL(pageUrl('/account', tenant), 'https://id.example.com');
      expect([pathname, tenantFromUrl({ search })]).to.deep.equal(['/account', tenant]);
    }
  });
  it('is the default tenant without a name', () => {
    expect(['', '?tenant=', '?x=1'].map((search) => tenantFromUrl({ search }))).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    expect(pageUrl('/account', undefined)).to.equal('/account');
  });
});
