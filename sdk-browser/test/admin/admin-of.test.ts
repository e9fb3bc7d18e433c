import { expect } from 'chai';
import { adminOf } from '../../src/admin/index.ts';
import { createSession, type Session } from '../../src/index.ts';
import { createMemoryStorage } from '../../src/storage/storage.ts';

describe('adminOf', () => {
  let session: Session;

  beforeEach(() => {
    session = createSession({ url: 'http://127.0.0.1:9', storage: createMemoryStorage() });
  });
  afterEach(() => session.close());

  it('refuses a follower that lacks a function, by name', () => {
    const follower = { begun: () => {}, told: () => {}, refuse: () => {} };
    expect(() => adminOf(session).follow(follower as never)).to.throw(TypeError, 'follow needs the function refused');
  });

  it('refuses what createSession did not make', () => {
    expect(() => adminOf({} as never)).to.throw(TypeError, 'not made by createSession');
  });
});
