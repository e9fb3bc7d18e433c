import { expect } from 'chai';
import { deepFreeze } from '../../src/base/deep-freeze.ts';

describe('deepFreeze', () => {
  it('freezes the inner objects of a value that was frozen on its first level only', () => {
    const claims = deepFreeze(Object.freeze({ roles: ['teller'], place: Object.freeze({ branch: { code: 7 } }) }));
    expect(() => claims.roles.push('admin')).to.throw(TypeError);
    expect(() => Object.assign(claims.place.branch, { code: 8 })).to.throw(TypeError);
  });

  it('returns values that are no objects', () => {
    expect([null, undefined, 7, 'x'].map(deepFreeze)).to.deep.equal([null, undefined, 7, 'x']);
  });
});
