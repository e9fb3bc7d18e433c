import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, createCluster } from '../../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../../test-kit/node/service-process.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { createDice } from './dice.ts';
import { createHistory, type History, read } from './history.ts';
import { installRotationTrace, readSessionFacts, type SessionFacts } from './rotation-trace.ts';
import { createSharedStorage, type SharedStorage } from './shared-storage.ts';
import { createTab, type Tab } from './tab.ts';
import { createWeather, type Weather } from './weather.ts';

interface StormOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly browsers: number;
  readonly tabsPerBrowser: number;
  /** How often each tab does something: three in four times it shows a credential, and a session has 60 a minute. */
  readonly everyMs: number;
  readonly lostShare: number;
  readonly duplicateShare: number;
}

/** What stands when the storm is over and the sea is calm. */
export interface StormReport {
  readonly facts: SessionFacts;
  readonly history: History;
  /** Tabs that are not live again. */
  readonly stranded: readonly string[];
  /** Jars whose token is not the one that the database stands at. */
  readonly astray: readonly string[];
  /** Tabs that lost their line when the process was killed. */
  readonly orphaned: number;
}

/** How long the SDK waits for an answer. */
const sdkPatienceMs = 10_000;
const settleMs = 20_000;
const restartMs = 5_000;

interface Sea {
  readonly options: StormOptions;
  readonly history: History;
  readonly cluster: Cluster;
  readonly balancer: Balancer;
  readonly weather: Weather;
  readonly browsers: readonly SharedStorage[];
  readonly tabs: readonly Tab[];
}

/**
 * Two processes on one Postgres, browsers of the real SDK behind a balancer: tabs reload, lines break, answers get
 * lost, credentials arrive twice, and half-way one process is killed and later replaced.
 *
 * @example
 * const { facts, history } = await runStorm({ seed: 7, seconds: 60, browsers: 50, tabsPerBrowser: 3, … });
 */
export async function runStorm(options: StormOptions): Promise<StormReport> {
  const cluster = await createCluster({
    LATCHKEY_PUBLIC_URL: 'http://latchkey.test',
    LATCHKEY_ROTATE_IN_SECS: String(Math.ceil(options.seconds / 4)),
    LOG_LEVEL: 'warn',
  });
  const balancer = await startBalancer({ origins: options.browsers });
  const sea = setSail(options, cluster, balancer);
  try {
    return await weather(sea);
  } finally {
    for (const tab of sea.tabs) tab.close();
    await balancer.close();
    await cluster.stop();
  }
}

function setSail(options: StormOptions, cluster: Cluster, balancer: Balancer): Sea {
  const dice = createDice(options.seed);
  const history = createHistory();
  const weather = createWeather({ ...options, dice, history, nextNode: balancer.nextNode });
  const browsers = balancer.urls.map(() => createSharedStorage(history));
  const tabs = balancer.urls.flatMap((url, browser) =>
    Array.from({ length: options.tabsPerBrowser }, (_, index) => {
      const name = `browser ${browser} tab ${index}`;
      const session = { url, storage: browsers[browser] as SharedStorage, createSocket: weather.socketsOf(name) };
      return createTab({ name, dice: dice.of(name), history, session });
    }),
  );
  return { options, history, cluster, balancer, weather, browsers, tabs };
}

async function weather(sea: Sea): Promise<StormReport> {
  const { options, cluster, balancer, tabs } = sea;
  await installRotationTrace(cluster.databaseUrl);
  const [doomed, survivor] = await Promise.all([cluster.start(), cluster.start()]);
  balancer.setNodes([doomed.port, survivor.port]);
  await signUp(sea);
  const halfMs = options.seconds * 500;
  const end = new AbortController();
  setMaxListeners(tabs.length, end.signal);
  sea.weather.rage(Math.max(halfMs / 3, halfMs * 2 - sdkPatienceMs));
  const lives = tabs.map((tab) => tab.live(options.everyMs, end.signal));
  await sleep(halfMs);
  const orphaned = await kill(doomed, tabs);
  await sleep(Math.min(restartMs, halfMs / 4));
  const replaced = replace(sea, survivor);
  await Promise.all([replaced, sleep(halfMs - Math.min(restartMs, halfMs / 4))]);
  end.abort();
  await Promise.all(lives);
  return { ...(await settle(sea)), orphaned };
}

/** One user for each browser. Its other tabs join the session. */
async function signUp({ tabs, options: { tabsPerBrowser } }: Sea): Promise<void> {
  const open = async (tab: Tab, index: number) => {
    await tab.session.register({ email: `person${index}@example.test`, password: 'correct horse battery' });
    await Promise.all(tabs.slice(index + 1, index + tabsPerBrowser).map((other) => other.open()));
  };
  await Promise.all(tabs.map((tab, index) => (index % tabsPerBrowser === 0 ? open(tab, index) : undefined)));
  await waitFor(() => tabs.every(isLive), 30_000);
}

async function kill(doomed: ServiceProcess, tabs: readonly Tab[]): Promise<number> {
  const live = tabs.filter(isLive);
  doomed.kill('SIGKILL');
  await doomed.exited();
  await sleep(20);
  return live.filter((tab) => !isLive(tab)).length;
}

async function replace({ cluster, balancer }: Sea, survivor: ServiceProcess): Promise<void> {
  const fresh = await cluster.start();
  balancer.setNodes([fresh.port, survivor.port]);
}

/** No more faults: every tab has to come back by itself, and every browser to hold what the database stands at. */
async function settle(sea: Sea): Promise<Omit<StormReport, 'orphaned'>> {
  const { history, tabs, weather } = sea;
  await weather.calm();
  const stranded = () =>
    tabs.filter((tab) => !isLive(tab)).map(({ name, session }) => `${name}: ${session.state.status}`);
  await waitFor(() => stranded().length === 0, settleMs).catch(() => {});
  // Live tabs go on rotating: what is compared has to be seen in one moment without an answer on its way.
  let picture = await compare(sea);
  const inOneMoment = async () => {
    const before = history.successors();
    picture = await compare(sea);
    return picture.astray.length === 0 && history.successors() === before;
  };
  await waitFor(inOneMoment, settleMs).catch(() => {});
  return { ...picture, history, stranded: stranded() };
}

async function compare({ cluster, browsers }: Sea): Promise<Pick<StormReport, 'facts' | 'astray'>> {
  const facts = await readSessionFacts(cluster.databaseUrl);
  const astray = browsers.flatMap((browser, index) => {
    const { sid, gen } = read(browser.held());
    return facts.newest[sid] === gen ? [] : `browser ${index} at ${gen}, the database at ${facts.newest[sid]}`;
  });
  return { facts, astray };
}

function isLive({ session }: Tab): boolean {
  const { status } = session.state;
  return (status === 'active' || status === 'refreshing') && session.socket.connected;
}
