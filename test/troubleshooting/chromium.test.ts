import { expect } from 'chai';
import { bundleSdk } from '../browser/bundle-sdk.ts';
import { newProfile, type Profile } from '../harness/chromium.ts';
import { type ServiceProcess, startService } from '../harness/service-process.ts';
import { sharedBrowser } from '../harness/shared-browser.ts';

interface PageSession {
  readonly state: { readonly status: string; readonly isBound?: boolean; readonly unboundReason?: string };
  register(input: object): Promise<unknown>;
}

interface PageGlobals {
  createSession(options: object): PageSession;
}

describe('troubleshooting: a page in a browser', function () {
  this.timeout(60_000);
  let service: ServiceProcess;
  let script: string;
  let profile: Profile;
  let people = 0;

  before(async () => {
    [service, script] = await Promise.all([startService(), bundleSdk()]);
    await service.ready();
  });
  after(() => service?.stop());
  afterEach(() => profile.close());

  /** Signs up in a browser that lacks something; the state then. */
  async function signUp(hinder: () => void): Promise<PageSession['state']> {
    profile = await newProfile(await sharedBrowser.get());
    const { context } = profile;
    await context.addInitScript(hinder);
    await context.route(`${service.url}/app`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><script type="module" src="/app.js"></script>' }),
    );
    await context.route(`${service.url}/app.js`, (route) =>
      route.fulfill({ contentType: 'text/javascript', body: script }),
    );
    const page = await profile.newPage(`${service.url}/app`);
    people += 1;
    const person = { email: `person${people}@example.com`, password: 'violet anchor rain' };
    return page.evaluate(async (input) => {
      const session = (globalThis as unknown as PageGlobals).createSession({ url: location.origin });
      await session.register(input);
      return session.state;
    }, person);
  }
  const said = (part: string) => expect(profile.console()).to.match(new RegExp(`Latchkey: .*${part}`));

  it('no_webcrypto: a page on plain http', async () => {
    const state = await signUp(() => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined }));
    expect(state).to.include({ status: 'active', isBound: false, unboundReason: 'no_webcrypto' });
    said('no_webcrypto: .* https');
  });

  it('no_indexeddb: a browser that keeps no keys', async () => {
    const state = await signUp(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }));
    expect(state).to.include({ status: 'active', isBound: false, unboundReason: 'no_indexeddb' });
    said('no_indexeddb: .* IndexedDB');
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
    said('storage of the browser is forbidden or full');
  });

  it('says nothing in a browser that lacks nothing', async () => {
    expect(await signUp(() => {})).to.include({ status: 'active', isBound: true });
    expect(profile.console()).not.to.include('Latchkey');
  });
});
