import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import sinon from 'sinon';
import { waitFor } from '../../test-kit/wait-for.ts';
import { openSession } from '../src/session/open-session.ts';
import type { Session } from '../src/session/session.ts';
import { createMemoryStorage } from '../src/tokens/storage-adapter.ts';
import { type Service, startService } from './harness/service.ts';

const hourMs = 3_600_000;

describe('times of the service', () => {
  /** Uses in code of times by the service's clock, as `file: name`. */
  function momentsIn(folder: URL): string[] {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    return files.flatMap((file) => {
      const code = readFileSync(new URL(file, folder), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      return [...code.matchAll(/\b(?:server_time|expires_at|exp|iat|nbf)\b/g)].map(([name]) => `${file}: ${name}`);
    });
  }
  it('are read only to estimate the clock of the service, and sent only in proofs', () => {
    expect(momentsIn(new URL('../src/', import.meta.url)).sort()).to.deep.equal([
      'proof/make-proof.ts: iat',
      'session/effects.ts: server_time',
    ]);
  });
});

describe('a session on a machine whose clock is wrong', () => {
  let service: Service;
  let session: Session;
  let wall: { offMs: number };
  let ends: string[];

  beforeEach(async () => {
    service = await startService();
    const { now } = Date;
    const clock = { offMs: 0 };
    sinon.stub(Date, 'now').callsFake(() => now() + clock.offMs);
    wall = clock;
    ends = [];
  });
  afterEach(async () => {
    session.close();
    sinon.restore();
    await service.stop();
  });

  async function signIn(): Promise<void> {
    session = openSession({ url: service.url, storage: createMemoryStorage(), random: () => 0.1 });
    session.on('logged_out', ({ reason }) => ends.push(reason));
    await session.login({ email: 'ada@example.com', password: 'correct horse' });
  }
  const received = (name: string): number => service.received.filter((event) => event === name).length;
  const expectUnharmed = (): void => {
    expect([session.state.status, ends]).to.deep.equal(['active', []]);
    expect([...service.rows.values()].map(({ revoked }) => revoked)).to.deep.equal([undefined]);
  };

  for (const hours of [-2, 2, 24 * 365]) {
    it(`has the same lifetime as with a right clock, without early requests, ${hours} h off`, async () => {
      wall.offMs = hours * hourMs;
      await signIn();
      await sleep(150);
      expect([received('authenticate'), received('refresh')]).to.deep.equal([1, 0]);
      expectUnharmed();
    });
    it(`refreshes and rotates when it is time, ${hours} h off`, async () => {
      wall.offMs = hours * hourMs;
      Object.assign(service.grant, { refreshIn: 0.1, rotateIn: 0.3 });
      const start = performance.now();
      await signIn();
      await waitFor(() => received('refresh') >= 1);
      await waitFor(() => (session.generation ?? 0) >= 2);
      expect(performance.now() - start).to.be.within(200, 2_000);
      expectUnharmed();
    });
  }
  it('treats a clock that is set forward as a sleep, and refreshes over HTTP', async () => {
    await signIn();
    wall.offMs = 2 * hourMs;
    await session.refresh();
    expect(service.requests.at(-1)).to.equal('POST /oauth/token');
    await waitFor(() => session.state.status === 'active');
    expectUnharmed();
  });
  it('is not affected by a clock that is set back', async () => {
    service.grant.refreshIn = 0.2;
    await signIn();
    wall.offMs = -2 * hourMs;
    await waitFor(() => received('refresh') >= 1 && session.state.status === 'active', 1_000);
    expectUnharmed();
  });
  it('is corrected by the first refusal when a clock was set back while the machine slept', async () => {
    const api = createServer((request, response) => {
      if (request.headers.authorization?.endsWith('.1') !== true) return void response.end('hello');
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="latchkey", error="invalid_token"' }).end();
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    session = openSession({ url: service.url, apis: [url], storage: createMemoryStorage() });
    await session.login({ email: 'ada@example.com', password: 'correct horse' });
    // Nothing here knows that the first token's life is over: no clock has moved on.
    wall.offMs = -2 * hourMs;
    expect(await (await session.fetch(url)).text()).to.equal('hello');
    expect(received('refresh')).to.equal(1);
    expectUnharmed();
    api.closeAllConnections();
    api.close();
  });
  it('presents the same token again after a sleep of hours during a request', async () => {
    Object.assign(service.grant, { rotateIn: 0.1 });
    await signIn();
    session.subscribe(({ status }) => {
      // Just after it is asked, and before it is answered.
      if (status === 'refreshing' && wall.offMs === 0) queueMicrotask(() => Object.assign(wall, { offMs: 5 * hourMs }));
    });
    await waitFor(() => session.state.status === 'active' && received('authenticate') >= 3);
    const [, asked, again] = service.shown;
    expect(again).to.deep.equal(asked);
    expect([...service.rows.values()][0]?.revoked).to.equal(undefined);
    expect(ends).to.deep.equal([]);
  });
});
