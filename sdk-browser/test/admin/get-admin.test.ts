import { expect } from 'chai';
import { getAdmin } from '../../src/admin/index.ts';
import { createSession, type Session } from '../../src/index.ts';
import { createMemoryStorage } from '../../src/storage/storage-adapter.ts';

describe('adminOf', () => {
  let session: Session;

  beforeEach(() => {
    session = createSession({ url: 'http://127.0.0.1:9', storage: createMemoryStorage() });
  });
  afterEach(() => session.close());

  it('refuses a follower that lacks a function, by name', () => {
    const follower = { begun: () => {}, told: () => {}, refuse: () => {} };
    expect(() => getAdmin(session).subscribe(follower as never)).to.throw(
      TypeError,
      'follow needs the function refused',
    );
  });

  it('refuses what createSession did not make', () => {
    expect(() => getAdmin({} as never)).to.throw(TypeError, 'not made by createSession');
  });
});
