import { expect } from 'chai';
import { assertDocumented } from '../documented-answers.ts';

const endSession = { method: 'DELETE', path: '/sessions/5f1e2b6e-6a54-4a6f-9d6a-2f7c2f3b8a11?x=1' };
const check = (status: number, code?: string) => () => assertDocumented({ ...endSession, status, body: { code } });

describe('assertDocumented', () => {
  it('accepts statuses and codes of the operation', () => {
    expect(check(200)).to.not.throw();
    expect(check(404, 'not_found')).to.not.throw();
    expect(check(401, 'use_dpop_nonce')).to.not.throw();
  });

  it('refuses a status, and a code, that the operation does not have', () => {
    expect(check(201)).to.throw(/no 201 of DELETE/);
    expect(check(409, 'busy')).to.throw(/no 409 busy of DELETE/);
    expect(check(404, 'tenant_unknown')).to.throw(/no 404 tenant_unknown of DELETE/);
  });

  it('checks no path that is no operation', () => {
    expect(() => assertDocumented({ method: 'GET', path: '/none', status: 418, body: null })).to.not.throw();
  });
});
