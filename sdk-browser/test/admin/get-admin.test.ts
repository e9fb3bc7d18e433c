import { expect } from 'chai';
import { getAdmin } from '../../src/admin/index.ts';
import { createSession, type Session } from '../../src/index.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';

describe('getAdmin', () => {
  let session: Session;

  beforeEach(() => {
    session = createSession({ url: 'http://127.0.0.1:9', storage: createMemoryStorage() });
  });
  afterEach(() => session.close());

  it('throws with the name of a function that the observer lacks', () => {
    const observer = { ready: () => {}, update: () => {}, fail: () => {} };
    expect(() => getAdmin(session).subscribe(observer as never)).to.throw(
      TypeError,
      'subscribe needs the function error',
    );
  });

  it('throws for an object that createSession did not create', () => {
    expect(() => getAdmin({} as never)).to.throw(TypeError, 'not a session of createSession');
  });
});
