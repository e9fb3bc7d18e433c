import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { createPeerReader } from '../../../src/http/middleware/peer.ts';
import { call, challenge, openTestApp } from '../test-app.ts';

const signIn = { email: 'a@b.test', password: 'pw', code_challenge: challenge, code_challenge_method: 'S256' };

/** The address that the flow gets, with this list of proxies and this header. */
async function addressOf(trustProxy: string[], forwarded: string): Promise<unknown> {
  const app = await openTestApp({ trustProxy });
  try {
    await call(app, 'POST', paths.login, signIn, { 'x-forwarded-for': forwarded });
    return (app.calls[0]!.args[1] as { address: unknown }).address;
  } finally {
    await app.close();
  }
}

describe('createPeerReader', () => {
  it('ignores forwarding headers without a trusted proxy', async () => {
    expect(await addressOf([], '203.0.113.9')).equal('127.0.0.1');
    expect(await addressOf(['10.0.0.0/8'], '203.0.113.9')).equal('127.0.0.1');
  });

  it('reads the entries of trusted proxies, and no further ones', async () => {
    expect(await addressOf(['127.0.0.1'], '203.0.113.9')).equal('203.0.113.9');
    expect(await addressOf(['127.0.0.1'], '198.51.100.1, 203.0.113.9')).equal('203.0.113.9');
    expect(await addressOf(['loopback', '203.0.113.0/24'], '198.51.100.1, 203.0.113.9')).equal('198.51.100.1');
  });

  it('reads entries with ports, brackets and quotation marks', async () => {
    for (const [entry, address] of [
      ['203.0.113.9:52345', '203.0.113.9'],
      ['[2001:db8::9]:443', '2001:db8::9'],
      ['[2001:db8::9]', '2001:db8::9'],
      ['"[2001:db8::9]:443"', '2001:db8::9'],
      ['198.51.100.1:1, 203.0.113.9:2', '203.0.113.9'],
      ['198.51.100.1:1, 127.0.0.1:2', '198.51.100.1'],
    ] as const)
      expect(await addressOf(['127.0.0.1'], entry), entry).equal(address);
  });

  it('returns no address when a trusted proxy wrote none, and not that of the proxy', async () => {
    for (const entry of ['unknown', '_hidden', "' OR 1=1", '999.1.1.1', '203.0.113.9, unknown'])
      expect(await addressOf(['loopback'], entry), entry).equal(null);
    expect(await addressOf(['loopback'], '')).equal('127.0.0.1');
  });

  it('truncates headers of clients', async () => {
    const app = await openTestApp();
    try {
      await call(app, 'POST', paths.login, signIn, { 'user-agent': 'x'.repeat(2_000) });
      expect((app.calls[0]!.args[1] as { userAgent: string }).userAgent).length(512);
    } finally {
      await app.close();
    }
  });

  it('throws for a trusted proxy that is no address', () => {
    expect(() => createPeerReader(['proxy.internal'])).throw(TypeError);
  });
});
