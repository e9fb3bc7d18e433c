import { expect } from 'chai';
import { originCases, outcome } from '../../test-kit/origin-cases.ts';
import { createSession, type SessionOptions } from '../src/index.ts';
import { createMemoryStorage } from '../src/tokens/storage-adapter.ts';

const url = 'https://id.example';
const socket = { on: () => {}, off: () => {}, disconnect: () => {} } as never;

/** The address that the socket of a session with these options gets. */
function socketUrlOf(options: Pick<SessionOptions, 'url' | 'socketUrl' | 'apis'>): string {
  const opened: string[] = [];
  const createSocket = (address: string) => {
    opened.push(address);
    return socket;
  };
  createSession({ ...options, storage: createMemoryStorage(), createSocket }).close();
  return opened.join();
}

describe('the same origins are accepted by', () => {
  it('url of createSession', () => {
    for (const [text, server] of originCases)
      expect(
        outcome(() => socketUrlOf({ url: text }), text),
        text,
      ).to.equal(server);
  });

  it('socketUrl of createSession', () => {
    for (const [text, server] of originCases)
      expect(
        outcome(() => socketUrlOf({ url, socketUrl: text }), text),
        text,
      ).to.equal(server);
  });

  it('apis of createSession', () => {
    for (const [text, server] of originCases)
      expect(
        outcome(() => socketUrlOf({ url, apis: [text] }), text),
        text,
      ).to.equal(server === null ? null : url);
  });
});
