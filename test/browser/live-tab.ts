import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { bundleSdk } from './bundle-sdk.ts';

/** The parts of the SDK's session that these stories use, in the page. */
interface PageSession {
  readonly state: { readonly status: string; readonly reason?: string; readonly generation?: number };
  readonly socket: { readonly io: { readonly engine: { close(): void } } };
  register(input: object): Promise<unknown>;
  connect(): Promise<unknown>;
  on(event: 'logged_out', listener: (end: { reason: string }) => void): void;
}

interface PageGlobals {
  createSession(options: object): PageSession;
  session: PageSession;
  told(end: string): Promise<void>;
  longestPauseMs: number;
}

/** A tab that shows a page with a session, at the service's own origin. */
export interface LiveTab {
  /** Loads the page, or loads it again; its session connects. */
  load(): Promise<void>;
  signUp(email: string): Promise<void>;
  /** Waits until the session has this status, and reason. */
  is(status: string, reason?: string): Promise<void>;
  generation(): Promise<number>;
  /** The transport ends; the session comes back by itself. */
  cut(): Promise<void>;
  /** Ends the tab's process in the moment in which it shows its token. */
  killMidRotation(): Promise<void>;
  /** Nothing runs in the page until `thaw`, while its clock and its network go on. Visible pages cannot be frozen otherwise. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Waits until the page knows of a time, at least so long, in which nothing ran in it. */
  hasPaused(ms: number): Promise<void>;
  storage(): Promise<Record<string, string>>;
}

/** A browser profile whose tabs show the page. */
export interface LiveBrowser {
  open(options?: { storage?: Record<string, string> }): Promise<LiveTab>;
  /** Reasons for which pages heard that their session is over. */
  readonly ends: readonly string[];
}

const path = '/live-tab';
const page =
  '<!doctype html><title>tab</title><link rel="icon" href="data:,"><script type="module" src="/live-tab.js"></script>';

/** Serves page and script from within the browser, so that they load while the network or the service is away. */
export async function createLiveBrowser(context: BrowserContext, url: string, options = {}): Promise<LiveBrowser> {
  const ends: string[] = [];
  const script = `${await bundleSdk()};(${start})(${JSON.stringify({ url, trackActivity: false, ...options })})`;
  await context.route(`${url}${path}`, (route) => route.fulfill({ contentType: 'text/html', body: page }));
  await context.route(`${url}${path}.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
  await context.exposeFunction('told', (end: string) => void ends.push(end));
  return Object.freeze<LiveBrowser>({
    ends,
    async open({ storage = {} } = {}) {
      const tab = await context.newPage();
      await tab.addInitScript((entries) => {
        if (sessionStorage.getItem('filled') === null) Object.assign(localStorage, entries);
        sessionStorage.setItem('filled', 'yes');
      }, storage);
      const live = createLiveTab(tab, `${url}${path}`);
      await live.load();
      return live;
    },
  });
}

function start(options: object): void {
  const globals = globalThis as unknown as PageGlobals;
  globals.session = globals.createSession(options);
  globals.session.on('logged_out', ({ reason }) => void globals.told(reason));
  globals.longestPauseMs = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    globals.longestPauseMs = Math.max(globals.longestPauseMs, now - last);
    last = now;
  }, 20);
  void globals.session.connect();
}

function createLiveTab(page: Page, address: string): LiveTab {
  const inPage = <Result>(act: (session: PageSession) => Result): Promise<Awaited<Result>> =>
    page.evaluate(`(${act})(session)`);
  let thaw = async (): Promise<void> => {};
  return Object.freeze<LiveTab>({
    async load() {
      await page.goto(address);
      await page.waitForFunction(() => 'session' in globalThis);
    },
    signUp: (email) =>
      page.evaluate(async (input) => void (await (globalThis as unknown as PageGlobals).session.register(input)), {
        email,
        password: 'violet anchor rain',
      }),
    async is(...wanted) {
      await page.waitForFunction(
        ([status, reason]) => {
          const { state } = (globalThis as unknown as PageGlobals).session;
          return state.status === status && (reason === undefined || state.reason === reason);
        },
        wanted,
        { timeout: 30_000 },
      );
    },
    generation: async () => (await inPage((session) => session.state.generation)) ?? 0,
    cut: () => inPage((session) => session.socket.io.engine.close()),
    async killMidRotation() {
      const devtools = await page.context().newCDPSession(page);
      const isShown = untilShown(page);
      await inPage((session) => session.socket.io.engine.close());
      await isShown;
      await crash(page, devtools);
    },
    async freeze() {
      thaw = await stopAtOnce(page);
    },
    thaw: () => thaw(),
    async hasPaused(ms) {
      await page.waitForFunction((least) => (globalThis as unknown as PageGlobals).longestPauseMs >= least, ms, {
        timeout: 5_000,
      });
    },
    storage: () => page.evaluate(() => ({ ...localStorage }) as Record<string, string>),
  });
}

function untilShown(page: Page): Promise<void> {
  return new Promise((resolve) => {
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (String(payload).includes('"authenticate"')) resolve();
      }),
    );
  });
}

async function crash(page: Page, devtools: CDPSession): Promise<void> {
  const isDown = new Promise((resolve) => page.once('crash', resolve));
  // The answer dies with the process.
  devtools.send('Page.crash').catch(() => {});
  await isDown;
  await page.close();
}

/** Holds the page in the debugger; returns what lets it run on. */
async function stopAtOnce(page: Page): Promise<() => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Debugger.enable');
  const isPaused = new Promise((resolve) => devtools.once('Debugger.paused', resolve));
  const held = devtools.send('Runtime.evaluate', { expression: 'debugger' });
  await isPaused;
  return async () => {
    await devtools.send('Debugger.resume');
    await held;
    await devtools.detach();
  };
}
