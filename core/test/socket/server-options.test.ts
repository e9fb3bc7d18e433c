import { expect } from 'chai';
import { socketServerOptions } from '../../src/index.ts';
import { createStage, type Stage } from './stage.ts';

describe('socketServerOptions', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage();
  });
  afterEach(() => stage.end());

  it('accepts pages of allowed origins, and clients without an origin', async () => {
    const page = await stage.client({ headers: { origin: 'https://app.test' } });
    const program = await stage.client();
    expect(page.socket.connected && program.socket.connected).to.equal(true);
  });

  it('refuses pages of other origins', async () => {
    for (const origin of ['https://evil.test', 'null', 'https://app.test.evil.test']) {
      const client = await stage.client({ headers: { origin } });
      expect(client.socket.connected).to.equal(false);
    }
  });

  it('refuses when the check of origins returns anything but true, such as a promise', () => {
    const slow = socketServerOptions({ isOriginAllowed: (async () => false) as never });
    let allowed: boolean | undefined;
    slow.allowRequest?.({ headers: { origin: 'https://app.test' } } as never, (_error, success) => {
      allowed = success;
    });
    expect(allowed).to.equal(false);
  });

  it('refuses an origin for which the check throws', () => {
    const { allowRequest } = socketServerOptions({ isOriginAllowed: (origin) => new URL(origin).host === 'app.test' });
    let allowed: boolean | undefined;
    const request = { headers: { origin: 'garbage' } } as Parameters<NonNullable<typeof allowRequest>>[0];
    allowRequest!(request, (_error, isAllowed) => {
      allowed = isAllowed;
    });
    expect(allowed).to.equal(false);
  });

  it('offers WebSocket only and serves no client script', async () => {
    const polling = await fetch(`http://127.0.0.1:${stage.port}/socket.io/?EIO=4&transport=polling`);
    expect(polling.status).to.equal(400);
  });

  it('closes a connection that sends a message over 64 KB', async () => {
    const client = await stage.member('s1');
    client.emit('activity', 'x'.repeat(70_000));
    expect(await client.take('disconnect')).to.equal('transport close');
  });
});
