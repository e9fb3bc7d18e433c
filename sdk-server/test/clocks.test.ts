import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { waitFor } from '../../test-kit/wait-for.ts';
import { createLatchkey, type Latchkey } from '../src/index.ts';
import { type ScriptedService, sessionId, startScriptedService } from './client/scripted-service.ts';

const hour = 3_600_000;

describe('a backend whose clock differs from that of the service', () => {
  let service: ScriptedService;
  let latchkey: Latchkey;
  let aheadMs: number;

  const said = (token: string) =>
    latchkey.verify(token).then(
      () => 'accepted',
      ({ code }: { code: string }) => code,
    );
  const seconds = (ms: number) => Math.floor(ms / 1_000);
  /** A token as the service signs it when its database says so. */
  const tokenAt = (ms: number, claims = {}) =>
    service.token({ iat: seconds(ms), exp: seconds(ms) + 300, auth_time: seconds(ms), ...claims });

  beforeEach(async () => {
    service = await startScriptedService();
    const system = createSystemClock();
    aheadMs = 0;
    const clock = { ...system, now: () => system.now() + aheadMs };
    latchkey = createLatchkey({ url: service.url, backendId: 'bank', backendSecret: 'secret', clock });
    await latchkey.ready();
  });
  afterEach(async () => {
    latchkey.close();
    await service.stop();
  });

  for (const byMs of [-2 * hour, -600_000, 600_000, 2 * hour])
    it(`verifies tokens by the time of the service when the clock is ${byMs / 1_000} s ahead`, async () => {
      aheadMs = byMs;
      expect(await said(await tokenAt(Date.now()))).to.equal('accepted');
      expect(await said(await tokenAt(Date.now() - 310_000))).to.equal('unauthenticated');
      const kept = await tokenAt(Date.now(), { jti: 'kept' });
      expect(await said(kept)).to.equal('accepted');
      // Set back while it runs: what has ended stays so.
      aheadMs -= 2 * hour;
      service.end([sessionId]);
      await waitFor(() => latchkey.health().revokedCount === 1);
      expect(await said(kept)).to.equal('unauthenticated');
    });

  it('refuses expired tokens when the clock of the database was set back, and accepts new ones once the keys are new', async () => {
    const expired = await tokenAt(Date.now() - 310_000);
    const good = await tokenAt(Date.now(), { jti: 'good' });
    expect([await said(expired), await said(good)]).to.deep.equal(['unauthenticated', 'accepted']);
    // The key set cannot be read: the time is not followed, or what had expired would live again.
    const { jwks } = service;
    let refused = 0;
    service.jwks = (response) => {
      refused += 1;
      response.writeHead(503).end();
    };
    service.now = () => Date.now() - 2 * hour;
    service.newEpoch();
    service.heartbeat();
    await waitFor(() => refused > 0);
    expect([await said(expired), await said(good)]).to.deep.equal(['unauthenticated', 'accepted']);
    await service.newKey('k2', { published: true });
    service.takeBack('k1');
    service.jwks = jwks;
    await waitFor(async () => (await said(await tokenAt(service.now!()))) === 'accepted');
    expect([await said(expired), await said(good)]).to.deep.equal(['unauthenticated', 'unauthenticated']);
  });
});
