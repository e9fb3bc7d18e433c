import { expect } from 'chai';
import { pageAddress, tenantOf } from '../src/tenant.ts';

describe('the tenant of a page', () => {
  it('is the one that the address names, and stays in the addresses of other pages', () => {
    for (const tenant of ['shop', 'a b&c=d', 'Zoë']) {
      const { search, pathname } = new URL(pageAddress('/account', tenant), 'https://id.example.com');
      expect([pathname, tenantOf({ search })]).to.deep.equal(['/account', tenant]);
    }
  });
  it('is the default one without a name', () => {
    expect(['', '?tenant=', '?x=1'].map((search) => tenantOf({ search }))).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    expect(pageAddress('/account', undefined)).to.equal('/account');
  });
});
