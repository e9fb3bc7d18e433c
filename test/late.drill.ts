import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { createCluster } from '../test-kit/node/cluster.ts';
import { type ReadMetrics, readMetrics } from '../test-kit/node/read-metrics.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { createHttpBrowser, type HttpBrowser } from './late/http-browser.ts';
import { type StallingLine, startStallingLine } from './late/stalling-line.ts';
import { createDice, type Dice } from './storm/dice.ts';

/**
 * LATE_SECONDS and LATE_SEED: `npm run test:late` takes a minute with delays of up to 90 s, so that copies arrive after
 * every window of a verdict. The short form has the same faults with delays of up to 9 s.
 */
const seconds = Number(process.env.LATE_SECONDS ?? 6);
const seed = Number(process.env.LATE_SEED ?? randomInt(2 ** 31));
const longestDelayMs = seconds < 30 ? seconds * 1_500 : 90_000;
const browserCount = 12;

/** Wall clocks of the nodes are 20 minutes apart. */
const shifts = [600_000, -600_000];
const preload = new URL('./late/shifted-date.mjs', import.meta.url).href;

interface Node {
  readonly service: ServiceProcess;
  readonly line: StallingLine;
}

describe(`presentations that arrive late, for ${seconds} s (LATE_SEED=${seed})`, () => {
  const dice = createDice(seed);
  const tally: Record<string, number> = {};
  const count = (what: string): void => {
    tally[what] = (tally[what] ?? 0) + 1;
  };
  let browsers: HttpBrowser[];
  let rotating: boolean[];
  let ended: { reason: string }[];
  let metrics: readonly ReadMetrics[];

  before(async function () {
    this.timeout(60_000 + 3 * longestDelayMs + seconds * 1_000);
    const cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test', LOG_LEVEL: 'warn' });
    const nodes: Node[] = [];
    for (const shift of shifts) {
      const line = await startStallingLine(Number(new URL(cluster.databaseUrl).port));
      const env = { NODE_OPTIONS: `--import=${preload}`, DATE_SHIFT_MS: String(shift) };
      nodes.push({ service: await cluster.start({ ...env, DATABASE_URL: line.urlFor(cluster.databaseUrl) }), line });
    }
    try {
      const urls = nodes.map(({ service }) => service.url);
      browsers = Array.from({ length: browserCount }, (_, index) => {
        const name = `browser${index}`;
        return createHttpBrowser({ name, dice: dice.of(name), urls, longestDelayMs, count });
      });
      await Promise.all(browsers.map((browser, index) => browser.signUp(urls[index % urls.length]!)));
      const end = new AbortController();
      setMaxListeners(browserCount, end.signal);
      const lives = browsers.map((browser) => browser.live(end.signal));
      await Promise.all(nodes.map((node, index) => harass(node, dice.of(`node ${index}`))));
      end.abort();
      await Promise.all(lives);
      await Promise.all(browsers.map((browser) => browser.settled()));
      rotating = await Promise.all(browsers.map((browser) => browser.rotates(20_000)));
      ended = await endedOf(cluster.databaseUrl);
      metrics = await Promise.all(nodes.map(({ service }) => readMetrics(service)));
    } finally {
      for (const { line } of nodes) line.heal();
      await cluster.stop();
      for (const { line } of nodes) line.close();
    }
    console.log(`      ${JSON.stringify(tally)}`);
  });

  /**
   * Suspends the node, or stalls its connection to the database, for some seconds again and again. The first fault is a suspension,
   * which shows in the metrics of the node; a stall that ends soon enough shows nowhere. Heals both at the end.
   */
  async function harass({ service, line }: Node, own: Dice): Promise<void> {
    const suspension = [() => service.kill('SIGSTOP'), () => service.kill('SIGCONT')] as const;
    const stall = [line.stall, line.heal] as const;
    let fault: typeof suspension | typeof stall = suspension;
    const end = performance.now() + seconds * 1_000;
    const longestMs = seconds < 30 ? 4_000 : 20_000;
    while (performance.now() < end) {
      await sleep(own.between(500, 2_000));
      const [begin, stop] = fault;
      begin();
      await sleep(own.between(2_500, longestMs));
      stop();
      count('faults');
      fault = own.pick([suspension, stall]);
    }
  }

  async function endedOf(url: string): Promise<{ reason: string }[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(`SELECT revoke_reason AS reason FROM sessions WHERE revoked_at IS NOT NULL`);
    await client.end();
    return rows;
  }

  it('occur: nodes are suspended or cut off, copies arrive late, and tokens are rotated meanwhile', () => {
    expect(tally.faults).to.be.at.least(2);
    expect(tally.rotated).to.be.at.least(browserCount);
    expect(Object.keys(tally).filter((what) => what.startsWith('delayed'))).to.not.deep.equal([]);
  });

  it('show in the metrics of the nodes, as suspensions or lost connections', () => {
    const names = ['latchkey_suspensions_total', 'latchkey_database_connection_errors_total'];
    const counts = metrics.flatMap(({ value }) => names.map((name) => value(name)!));
    expect(counts.reduce((sum, count) => sum + count, 0)).to.be.at.least(1);
  });

  it('sign no user out, and end no session', () => {
    expect(browsers.map((browser) => browser.signedOut()).filter((why) => why !== undefined)).to.deep.equal([]);
    expect(ended).to.deep.equal([]);
  });

  it('let every client rotate once all nodes and networks work again', () => {
    expect(rotating).to.deep.equal(browsers.map(() => true));
  });
});
