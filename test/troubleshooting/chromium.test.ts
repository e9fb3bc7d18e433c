import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { newProfile, type Profile } from '../../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../../test-kit/browser/shared-browser.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';
import { buildScriptFile } from '../browser/bundle-sdk.ts';

interface PageSession {
  readonly state: { readonly status: string; readonly isBound?: boolean; readonly unboundReason?: string };
  connect(): Promise<unknown>;
  register(input: object): Promise<unknown>;
}

interface PageGlobals {
  readonly latchkey: {
    createSession(options: object): PageSession;
    signInWithRedirect(session: PageSession): Promise<void>;
    handleRedirect(session: PageSession): Promise<unknown>;
  };
}

describe('troubleshooting: a page in a browser', function () {
  this.timeout(60_000);
  let service: ServiceProcess;
  let script: string;
  let profile: Profile;
  let users = 0;

  before(async () => {
    [service, script] = await Promise.all([startService(), buildScriptFile()]);
    await service.ready();
  });
  after(() => service?.stop());
  afterEach(() => profile.close());

  /** A page with the SDK in a browser that lacks something. */
  async function open(hinder: () => void): Promise<Page> {
    profile = await newProfile(await sharedBrowser.get());
    const { context } = profile;
    await context.addInitScript(hinder);
    const files = {
      '/app': ['text/html', '<!doctype html><script src="/app.js"></script>'],
      '/app.js': ['text/javascript', script],
    };
    for (const [path, [contentType, body]] of Object.entries(files)) {
      await context.route(service.url + path, (route) => route.fulfill({ contentType: contentType!, body: body! }));
    }
    return profile.newPage(`${service.url}/app`);
  }
  /** Signs up in such a page; the state then. */
  async function signUp(hinder: () => void): Promise<PageSession['state']> {
    const page = await open(hinder);
    users += 1;
    const user = { email: `user${users}@example.com`, password: 'violet anchor rain' };
    return page.evaluate(async (input) => {
      const session = (globalThis as unknown as PageGlobals).latchkey.createSession({ url: location.origin });
      await session.register(input);
      return session.state;
    }, user);
  }
  const logged = (part: string) => expect(profile.console()).to.match(new RegExp(`Latchkey: .*${part}`));

  /** A page to which a sign-in page returns. */
  async function openReturned(iss: string): Promise<Page> {
    const page = await open(() => {});
    await profile.context.route(`${service.url}/signin?*`, (route) => {
      const state = new URL(route.request().url()).searchParams.get('state') ?? '';
      const back = `<script>location.replace('/app#${new URLSearchParams({ code: 'x', state, iss })}')</script>`;
      return route.fulfill({ contentType: 'text/html', body: back });
    });
    await page.evaluate(async () => {
      const { latchkey } = globalThis as unknown as PageGlobals;
      await latchkey.signInWithRedirect(latchkey.createSession({ url: location.origin }));
    });
    await page.waitForURL(/#code=x/);
    return page;
  }

  it('redirect_unhandled: a page that does not read the answer', async () => {
    const page = await openReturned(service.url);
    await page.evaluate(() =>
      (globalThis as unknown as PageGlobals).latchkey.createSession({ url: location.origin }).connect(),
    );
    logged('handleRedirect');
  });

  it('redirect_issuer: a service with another public URL', async () => {
    const page = await openReturned('http://localhost:4000');
    const code = await page.evaluate(() => {
      const { createSession, handleRedirect } = (globalThis as unknown as PageGlobals).latchkey;
      return handleRedirect(createSession({ url: location.origin })).catch(({ code }) => code);
    });
    expect(code).to.equal('code_invalid');
    logged('LATCHKEY_PUBLIC_URL');
  });

  it('no_webcrypto: a page on plain http', async () => {
    const state = await signUp(() => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined }));
    expect(state).to.include({ status: 'active', isBound: false, unboundReason: 'no_webcrypto' });
    logged('no_webcrypto: .* https');
  });

  it('no_indexeddb: a browser that keeps no keys', async () => {
    const state = await signUp(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }));
    expect(state).to.include({ status: 'active', isBound: false, unboundReason: 'no_indexeddb' });
    logged('no_indexeddb: .* IndexedDB');
  });

  it('storage_forbidden: a browser without localStorage', async () => {
    const state = await signUp(() =>
      Object.defineProperty(globalThis, 'localStorage', {
        get() {
          throw new DOMException('denied', 'SecurityError');
        },
      }),
    );
    expect(state).to.include({ status: 'active', isBound: true });
    logged('storage of the browser is forbidden or full');
  });

  it('tab_duplicated: a copy of a tab that keeps its session to itself', async () => {
    const page = await open(() => {});
    await page.evaluate(async () => {
      const { latchkey } = globalThis as unknown as PageGlobals;
      const session = latchkey.createSession({ url: location.origin, persistence: 'tab' });
      await session.register({ email: 'one-tab@example.com', password: 'violet anchor rain' });
    });
    const [copy] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => void window.open('/app'))]);
    await copy.waitForFunction(() => 'latchkey' in globalThis);
    const warned = copy.waitForEvent('console', { predicate: (message) => message.text().includes('Latchkey: ') });
    const state = await copy.evaluate(async () => {
      const { latchkey } = globalThis as unknown as PageGlobals;
      const session = latchkey.createSession({ url: location.origin, persistence: 'tab' });
      await session.connect();
      return session.state;
    });
    expect(state.status).to.equal('signed_out');
    expect((await warned).text()).to.include('this tab is a duplicate');
  });

  it('prints nothing in a browser that lacks nothing', async () => {
    expect(await signUp(() => {})).to.include({ status: 'active', isBound: true });
    expect(profile.console()).not.to.include('Latchkey');
  });
});
