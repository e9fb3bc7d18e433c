import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { newProfile, type Profile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { freePort } from '../test-kit/free-port.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { type SdkApp, serveSdkApp } from './browser/sdk-app.ts';

const password = 'violet anchor rain';

interface Seen {
  readonly status: string;
  readonly reason?: string;
  readonly generation?: number;
  readonly isBound?: boolean;
  readonly unboundReason?: string;
}

/** The parts of the SDK's session that scripts of this file use, in the page. */
interface PageSession {
  readonly state: Seen;
  readonly socket: { readonly io: { readonly engine: { close(): void } } };
  connect(): Promise<Seen>;
  register(input: object): Promise<unknown>;
  refresh(): Promise<void>;
  fetch(url: string, init?: object): Promise<Response>;
  close(): void;
  logout(input?: object): Promise<unknown>;
}

interface PageGlobals {
  createSession(options: object): PageSession;
  session: PageSession;
}

describe('a bound session in a real browser', function () {
  this.timeout(60_000);
  let service: ServiceProcess;
  let app: SdkApp;
  let profiles: Profile[] = [];
  let users = 0;

  before(async () => {
    const port = await freePort();
    service = await startService({ env: { LATCHKEY_ALLOWED_ORIGINS: `http://127.0.0.1:${port}` } });
    await service.ready();
    app = await serveSdkApp(service, port);
  });
  after(async () => {
    await app?.close();
    await service?.stop();
  });
  afterEach(async () => {
    for (const profile of profiles) await profile.close();
    profiles = [];
  });

  async function open(profile: Profile, options: object = {}): Promise<Page> {
    const page = await profile.newPage(app.url);
    await page.waitForFunction(() => 'createSession' in globalThis);
    await page.evaluate(
      (given) => {
        const globals = globalThis as unknown as PageGlobals;
        globals.session = globals.createSession(given);
      },
      { url: service.url, apis: [app.url], ...options },
    );
    return page;
  }
  async function newBrowser(): Promise<Profile> {
    const profile = await newProfile(await sharedBrowser.get());
    profiles.push(profile);
    return profile;
  }
  const inPage = <Result>(page: Page, act: (session: PageSession) => Result | Promise<Result>): Promise<Result> =>
    page.evaluate(`(${act})(session)`);
  const stateOf = (page: Page): Promise<Seen> => inPage(page, (session) => session.state);
  const connect = (page: Page): Promise<Seen> => inPage(page, (session) => session.connect());
  async function until(page: Page, expected: Partial<Seen>): Promise<void> {
    await page.waitForFunction((wanted) => {
      const { state } = (globalThis as unknown as PageGlobals).session;
      return Object.entries(wanted).every(([name, value]) => state[name as keyof Seen] === value);
    }, expected);
  }
  async function signUp(page: Page): Promise<void> {
    users += 1;
    await page.evaluate((input) => (globalThis as unknown as PageGlobals).session.register(input), {
      email: `user${users}@example.com`,
      password,
    });
  }
  const ask = (page: Page): Promise<number> =>
    page.evaluate(
      async (url) => (await (globalThis as unknown as PageGlobals).session.fetch(url)).status,
      `${app.url}/api`,
    );
  /** A thief's browser: all that a script could read in the owner's, which is not the key. */
  async function stolenFrom(page: Page, options?: object): Promise<Page> {
    const copy = await page.evaluate(() => ({ ...localStorage }) as Record<string, string>);
    const thief = await open(await newBrowser(), options);
    await thief.evaluate((entries) => {
      for (const [name, value] of Object.entries(entries)) localStorage.setItem(name, value);
    }, copy);
    return thief;
  }

  for (const [where, options] of [
    ['the service', {}],
    ['an app', { socketUrl: 'app' }],
  ] as const) {
    it(`sends proofs on the sockets of ${where}, and over HTTP`, async () => {
      const given = 'socketUrl' in options ? { socketUrl: app.url } : {};
      const page = await open(await newBrowser(), given);
      await signUp(page);
      expect(await stateOf(page)).to.include({ status: 'active', generation: 1, isBound: true });
      const before = app.schemes.length;
      expect(await ask(page)).to.equal(200);
      expect(app.schemes.slice(before)).to.deep.equal(['DPoP']);
      await inPage(page, (session) => session.socket.io.engine.close());
      await until(page, { status: 'active', generation: 2 });
      await inPage(page, (session) => session.refresh());
      expect(await ask(page)).to.equal(200);
      expect(await inPage(page, async (session) => (await session.logout()) as { ended: number })).to.deep.equal({
        ended: 1,
      });
    });
  }

  it('is resumed after a reload, and by other tabs, with the same key', async () => {
    const owner = await newBrowser();
    const page = await open(owner);
    await signUp(page);
    await page.close();
    const tabs = [await open(owner), await open(owner)];
    for (const tab of tabs) expect(await connect(tab)).to.include({ status: 'active', isBound: true });
    for (const tab of tabs) expect(await ask(tab)).to.equal(200);
  });

  it('rotates and logs out over HTTP, with the nonces that the service requests', async () => {
    const owner = await newBrowser();
    const page = await open(owner);
    await signUp(page);
    await page.close();
    const quiet = await open(owner, { socketUrl: 'http://127.0.0.1:9' });
    await inPage(quiet, (session) => session.refresh());
    expect(await ask(quiet)).to.equal(200);
    const back = await open(owner);
    expect(await connect(back)).to.include({ status: 'active', generation: 3, isBound: true });
    await inPage(quiet, (session) => session.refresh());
    expect(await inPage(quiet, async (session) => session.logout())).to.deep.equal({ ended: 1 });
    await until(back, { status: 'signed_out', reason: 'logout' });
  });

  it('cannot be used by a browser without the key, and stays signed in for its owner', async () => {
    const page = await open(await newBrowser());
    await signUp(page);
    const thief = await stolenFrom(page);
    await connect(thief);
    await until(thief, { status: 'signed_out', reason: 'key_lost' });
    expect(await thief.evaluate(() => Object.keys(localStorage).map((name) => name.split(':').at(-1)))).to.include(
      'aside',
    );
    expect(await stateOf(page)).to.include({ status: 'active', generation: 1 });
    await inPage(page, (session) => session.socket.io.engine.close());
    await until(page, { status: 'active', generation: 2 });
  });

  it('cannot be used by a browser with another key, and stays signed in for its owner', async () => {
    const page = await open(await newBrowser());
    await signUp(page);
    const thief = await stolenFrom(page);
    const copy = await thief.evaluate(() => ({ ...localStorage }) as Record<string, string>);
    await thief.evaluate(() => localStorage.clear());
    await signUp(thief);
    await inPage(thief, (session) => session.close());
    await thief.evaluate((entries) => {
      localStorage.clear();
      for (const [name, value] of Object.entries(entries)) localStorage.setItem(name, value);
    }, copy);
    const again = await thief.context().newPage();
    await again.goto(app.url);
    await again.waitForFunction(() => 'createSession' in globalThis);
    await again.evaluate((url) => {
      const globals = globalThis as unknown as PageGlobals;
      globals.session = globals.createSession({ url });
      void globals.session.connect();
    }, service.url);
    await until(again, { status: 'error', reason: 'proof_invalid' });
    expect(await inPage(again, (session) => session.refresh().catch(({ code }) => code))).to.equal('proof_invalid');
    await inPage(page, (session) => session.socket.io.engine.close());
    await until(page, { status: 'active', generation: 2 });
  });

  it('ends with a message when its own browser has lost the key', async () => {
    const owner = await newBrowser();
    const page = await open(owner);
    await signUp(page);
    await inPage(page, (session) => session.close());
    await page.evaluate(async () => {
      for (const { name = '' } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
    });
    const back = await open(owner);
    await connect(back);
    await until(back, { status: 'signed_out', reason: 'key_lost' });
    await signUp(back);
    expect(await stateOf(back)).to.include({ status: 'active', isBound: true });
  });

  it('is unbound with a reason when keys cannot be stored, and a copy is invalid after the owner’s next rotation', async () => {
    const owner = await newBrowser();
    await owner.context.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }));
    const page = await open(owner);
    await signUp(page);
    expect(await stateOf(page)).to.include({ isBound: false, unboundReason: 'no_indexeddb' });
    const before = app.schemes.length;
    expect(await ask(page)).to.equal(200);
    expect(app.schemes.slice(before)).to.deep.equal(['Bearer']);
    const thief = await stolenFrom(page);
    await inPage(page, (session) => session.socket.io.engine.close());
    await until(page, { status: 'active', generation: 2 });
    await connect(thief);
    await thief.waitForFunction(
      () => (globalThis as unknown as PageGlobals).session.state.status === 'signed_out',
      undefined,
      { timeout: 30_000 },
    );
    expect((await stateOf(thief)).reason).to.equal('token_reused');
    await until(page, { status: 'signed_out', reason: 'token_reused' });
  });

  it('has proofs with the time of the service when the clock of the browser is two hours off', async () => {
    const owner = await newBrowser();
    await owner.context.addInitScript(() => {
      const { now } = Date;
      Date.now = () => now() + 7_200_000;
    });
    const page = await open(owner);
    await signUp(page);
    expect(await stateOf(page)).to.include({ status: 'active', isBound: true });
    const before = app.schemes.length;
    expect(await ask(page)).to.equal(200);
    expect(app.schemes.slice(before), 'good at once').to.deep.equal(['DPoP']);
  });
});
