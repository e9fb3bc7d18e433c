import { once } from 'node:events';
import { request } from 'node:http';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { freePort } from '../../../test-kit/free-port.ts';
import type { HttpConfig } from '../../src/http/deps.ts';
import { createMetricsListeners } from '../../src/http/metrics.ts';
import { createServiceCauses } from '../../src/ops/causes.ts';
import { createLogger } from '../../src/ops/logger.ts';
import { createMetrics } from '../../src/ops/metrics/metrics.ts';
import { openTestApp, type TestApp } from './test-app.ts';

const token = 'the-token-of-prometheus';

/** Status of `GET /metrics` with these headers, of which `Host` is one that fetch does not set. */
async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const asked = request(`${url}/metrics`, { headers }).end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

describe('/metrics on the public port', () => {
  let app: TestApp | undefined;
  afterEach(() => app?.close());

  async function open(config: Partial<HttpConfig>): Promise<string> {
    app = await openTestApp(config, { metrics: createMetrics() });
    return app.url;
  }

  describe('in production', () => {
    it('is not found without a token in the settings', async () => {
      expect(await statusOf(await open({ production: true }))).to.equal(404);
    });

    it('is served for the token of the settings', async () => {
      const url = await open({ production: true, metricsToken: token });
      const response = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${token}` } });
      expect(response.status).to.equal(200);
      expect(response.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8');
      expect(response.headers.get('cache-control')).to.equal('no-store');
      expect(await response.text()).to.include('# TYPE latchkey_build_info gauge');
    });

    it('is refused without the token, with another one, and with another scheme', async () => {
      const url = await open({ production: true, metricsToken: token });
      for (const headers of [{}, { Authorization: `Bearer ${token}x` }, { Authorization: `DPoP ${token}` }])
        expect(await statusOf(url, headers as Record<string, string>)).to.equal(401);
      expect(app!.lines.join('')).not.to.include(token);
    });
  });

  describe('in development', () => {
    it('is served to this machine', async () => {
      expect(await statusOf(await open({ production: false }))).to.equal(200);
    });

    it('is not found through a proxy, nor under a name that points at this machine', async () => {
      const url = await open({ production: false });
      for (const name of ['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'Via'])
        expect(await statusOf(url, { [name]: 'for=203.0.113.7' }), name).to.equal(404);
      expect(await statusOf(url, { Host: 'rebound.example' })).to.equal(404);
    });

    it('is not found when there is a port for it', async () => {
      expect(await statusOf(await open({ production: false, metricsPort: 9464 }))).to.equal(404);
    });
  });
});

describe('the listener of LATCHKEY_METRICS_PORT', () => {
  const clock = createSystemClock();
  const log = createLogger({ level: 'silent', clock });
  const causes = createServiceCauses({ log, clock });
  const metrics = createMetrics();

  async function listenWith(config: { metricsToken?: string } = {}) {
    const metricsPort = await freePort();
    const whole = { metricsToken: undefined, production: true, ...config, metricsPort, metricsHost: '127.0.0.1' };
    const [listener] = createMetricsListeners({ metrics, log, causes, config: whole });
    await listener!.start();
    return { listener: listener!, url: `http://127.0.0.1:${metricsPort}`, metricsPort };
  }

  it('does not exist without the setting', () => {
    const config = { metricsPort: undefined, metricsHost: '127.0.0.1', metricsToken: undefined, production: true };
    expect(createMetricsListeners({ metrics, log, causes, config })).to.deep.equal([]);
  });

  it('serves metrics and nothing else', async () => {
    const { listener, url } = await listenWith();
    expect(await statusOf(url)).to.equal(200);
    expect((await fetch(`${url}/health/live`)).status).to.equal(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).to.equal(404);
    await listener.stop();
  });

  it('asks for the token, if there is one', async () => {
    const { listener, url } = await listenWith({ metricsToken: token });
    expect(await statusOf(url)).to.equal(401);
    expect(await statusOf(url, { Authorization: `Bearer ${token}` })).to.equal(200);
    await listener.stop();
  });

  it('names its own setting when the port is taken', async () => {
    const { listener, metricsPort } = await listenWith();
    const config = { metricsPort, metricsHost: '127.0.0.1', metricsToken: undefined, production: true };
    const [second] = createMetricsListeners({ metrics, log, causes, config });
    const failure = await second!.start().then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(failure).to.match(/^LATCHKEY_METRICS_PORT: \d+ on 127\.0\.0\.1 is taken/);
    await listener.stop();
  });
});
