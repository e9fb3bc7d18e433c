import { createServer, type Server as HttpServer, request } from 'node:http';
import { createSession, type Session } from '@latchkey/sdk-browser';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { listen } from '../test-kit/listen.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { bundleSdk } from './browser/bundle-sdk.ts';

const password = 'violet anchor rain';
const forbidden = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** A proxy of a network that lets HTTP pass and no WebSocket. */
async function startProxy(): Promise<{ url: string; passTo(service: ServiceProcess): void; stop(): void }> {
  let port: string | undefined;
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url: path } = incoming;
    const onward = request({ port, host: '127.0.0.1', method, headers, path }, (answer) => {
      answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers));
    });
    incoming.pipe(onward.on('error', () => outgoing.destroy()));
    outgoing.on('close', () => onward.destroy());
  });
  proxy.on('upgrade', (_request, socket) => socket.on('error', () => {}).end(forbidden));
  const url = await listen(proxy);
  return {
    url,
    passTo(service) {
      port = new URL(service.url).port;
    },
    stop() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

/** A session behind the proxy, and the lines it writes on the console until the end. */
function open({ url }: Network): { one: Session; lines: string[]; end(): void } {
  const { warn } = console;
  const lines: string[] = [];
  console.warn = (line: string) => void lines.push(line);
  const one = createSession({ url });
  return {
    one,
    lines,
    end() {
      console.warn = warn;
      one.close();
    },
  };
}

function reach(one: Session, isReached: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const remove = one.subscribe(check);
    function check() {
      if (!isReached()) return;
      queueMicrotask(() => remove());
      resolve();
    }
    check();
  });
}

/** The service behind such a proxy. */
interface Network {
  readonly url: string;
  readonly service: ServiceProcess;
  stop(): Promise<unknown>;
}

async function startNetwork(env: Readonly<Record<string, string>> = {}): Promise<Network> {
  const proxy = await startProxy();
  const service = await startService({ env: { LATCHKEY_PUBLIC_URL: proxy.url, ...env } });
  await service.ready();
  proxy.passTo(service);
  return {
    url: proxy.url,
    service,
    stop() {
      proxy.stop();
      return service.stop();
    },
  };
}

describe('a service that offers WebSocket only', function () {
  this.timeout(60_000);
  let network: Network;
  before(async () => {
    network = await startNetwork();
  });
  after(() => network.stop());

  it('signs a user in over HTTP where no WebSocket passes, and warns about what is missing', async () => {
    const { one, lines, end } = open(network);
    const user = await one.register({ email: 'ann@example.test', password });
    await reach(one, () => one.state.reason === 'no_websocket');
    expect(one.state.status).to.equal('offline');
    const me = await (await one.fetch(`${network.url}/me`)).json();
    expect(me).to.include({ id: user.id, tenant_id: user.tenant_id, session_id: one.sessionId });
    await one.refresh();
    expect(await one.logout()).to.deep.equal({ ended: 1 });
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include('LATCHKEY_LONG_POLLING');
    end();
  });

  describe('for a page whose origin it does not allow', () => {
    let app: HttpServer;
    let page: Page;
    let warned: string[];

    before(async () => {
      const script = await bundleSdk();
      app = createServer(({ url }, response) => {
        const isScript = url === '/sdk.js';
        response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
        response.end(
          isScript ? script : '<!doctype html><title>app</title><script type="module" src="/sdk.js"></script>',
        );
      });
      const address = await listen(app);
      page = await (await sharedBrowser.get()).newPage();
      warned = [];
      page.on('console', (message) => {
        if (message.type() === 'warning') warned.push(message.text());
      });
      await page.goto(address);
      await page.waitForFunction('globalThis.createSession');
    });
    after(async () => {
      await page.close();
      app.closeAllConnections();
      app.close();
    });

    it('is refused a sign-in with forbidden, which names the setting', async () => {
      const refusal = await page.evaluate(`(async () => {
      const session = createSession({ url: '${network.service.url}', useDpop: false });
      const outcome = await session.login({ email: 'ann@example.test', password: 'x' }).then(String, ({ code, message, retryable }) => ({ code, message, retryable }));
      session.close();
      return outcome;
    })()`);
      expect(refusal).to.include({ code: 'forbidden', retryable: false });
      expect(refusal).to.have.property('message').that.includes('LATCHKEY_ALLOWED_ORIGINS');
    });

    it('is in error with origin_refused, the token kept, when there is a stored session', async () => {
      const token = `e30.${Buffer.from(JSON.stringify({ sid: 's1', gen: 1 })).toString('base64url')}.s`;
      const found = await page.evaluate(`(async () => {
      localStorage.setItem('latchkey:${new URL(network.service.url).host}:token', '${token}');
      const session = createSession({ url: '${network.service.url}', useDpop: false });
      await session.connect();
      while (session.state.status !== 'error') await new Promise((resolve) => setTimeout(resolve, 20));
      session.close();
      return { ...session.state, kept: localStorage.getItem('latchkey:${new URL(network.service.url).host}:token') };
    })()`);
      expect(found).to.deep.include({ status: 'error', reason: 'origin_refused', kept: token });
      expect(warned.filter((line) => line.includes('LATCHKEY_ALLOWED_ORIGINS'))).to.have.length(1);
    });
  });
});

describe('a service that offers long polling', function () {
  this.timeout(60_000);

  it('signs a user in on a socket where no WebSocket passes', async () => {
    const network = await startNetwork({ LATCHKEY_LONG_POLLING: 'true' });
    const { one, lines, end } = open(network);
    await one.register({ email: 'ann@example.test', password });
    await reach(one, () => one.state.status === 'active');
    expect(one.socket.io.engine.transport.name).to.equal('polling');
    await one.refresh();
    expect(await one.logout()).to.deep.equal({ ended: 1 });
    expect(lines).to.deep.equal([]);
    end();
    await network.stop();
  });
});
