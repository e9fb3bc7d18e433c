import { expect } from 'chai';
import { createElement, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { createSession } from '../../src/index.ts';
import { SessionProvider, useApi, useSession } from '../../src/react/index.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';

const options = { url: 'https://id.example.com' };

function Status(): ReactElement {
  const { status, user, login } = useSession();
  const picked = useSession((state) => state.status);
  return createElement(
    'p',
    null,
    `${status} ${picked} ${user?.id ?? 'no user'} ${typeof login} ${typeof useApi('api').call}`,
  );
}

describe('SessionProvider on the server', () => {
  it('renders as connecting, with a session or with options, and connects nothing', () => {
    let sockets = 0;
    const storage = createMemoryStorage();
    const session = createSession({ ...options, storage });
    session.socket.connect = () => {
      sockets += 1;
      return session.socket;
    };
    storage.setItem('latchkey:id.example.com:token', `e30.${btoa('{"sid":"s1","gen":1}')}.s`);
    const text = '<p>connecting connecting no user function function</p>';
    expect(renderToString(createElement(SessionProvider, { session }, createElement(Status)))).to.equal(text);
    expect(renderToString(createElement(SessionProvider, { options }, createElement(Status)))).to.equal(text);
    expect([sockets, session.state.status]).to.deep.equal([0, 'signed_out']);
    session.close();
  });

  it('throws in hooks without a provider', () => {
    expect(() => renderToString(createElement(Status))).to.throw(TypeError, 'SessionProvider');
  });
});
