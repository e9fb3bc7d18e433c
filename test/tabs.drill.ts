import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { newProfile, type Profile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { freePort } from '../test-kit/free-port.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { createLiveBrowser, type LiveBrowser, type LiveTab } from './browser/live-tab.ts';
import { createDice } from './storm/dice.ts';

const seed = Number(process.env.TAB_SEED ?? Date.now() % 1_000_000);

describe(`three tabs in a real browser, seed ${seed}`, function () {
  this.timeout(90_000);
  let cluster: Cluster;
  let service: ServiceProcess;
  let port: number;
  const profiles: Profile[] = [];
  let ann: LiveBrowser;
  let annsNetwork: { setOffline(isOffline: boolean): Promise<void> };
  let tabs: LiveTab[] = [];

  const startAgain = async (): Promise<void> => {
    service = await startService({ port, env: { ...cluster.env, LATCHKEY_ROTATE_IN_SECS: '5' } });
    await service.ready();
  };
  const visit = async (options = {}): Promise<{ browser: LiveBrowser; profile: Profile }> => {
    const profile = await newProfile(await sharedBrowser.get());
    profiles.push(profile);
    return { browser: await createLiveBrowser(profile.context, service.url, options), profile };
  };
  const allAre = (status: string): Promise<unknown> => Promise.all(tabs.map((tab) => tab.is(status)));
  const generation = async (): Promise<number> => Math.max(...(await Promise.all(tabs.map((tab) => tab.generation()))));
  /** Ann's sessions as the database has them. */
  const sessionsOf = async (email: string): Promise<{ gen: number; revoke_reason: string | null }[]> => {
    const client = new pg.Client({ connectionString: cluster.databaseUrl });
    await client.connect();
    const { rows } = await client
      .query('SELECT gen, revoke_reason FROM sessions s JOIN users u ON u.id = s.uid WHERE u.email = $1', [email])
      .finally(() => client.end());
    return rows;
  };

  before(async () => {
    [cluster, port] = await Promise.all([createCluster(), freePort()]);
    await startAgain();
    const { browser, profile } = await visit();
    ann = browser;
    annsNetwork = profile.context;
    tabs = await Promise.all([ann.open(), ann.open(), ann.open()]);
    await tabs[0]!.signUp('ann@example.com');
    await allAre('active');
  });
  after(async () => {
    for (const profile of profiles) await profile.close();
    await service?.stop();
    await cluster?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'passed') expect(ann.ends).to.deep.equal([]);
  });

  it('stay signed in after ten reloads each, at random', async () => {
    const before = await generation();
    await Promise.all(
      tabs.map(async (tab, index) => {
        const dice = createDice(seed + index);
        for (let turn = 0; turn < 10; turn += 1) {
          await sleep(dice.between(0, 120));
          await tab.load();
        }
      }),
    );
    await allAre('active');
    expect(await generation()).to.be.greaterThan(before);
  });

  it('stay signed in when one of them is killed during a rotation', async () => {
    const before = await generation();
    await tabs[2]!.killMidRotation();
    tabs[2] = await ann.open();
    await allAre('active');
    expect(await generation()).to.be.greaterThan(before);
  });

  it('stay signed in after a loss of the network', async () => {
    const before = await generation();
    await annsNetwork.setOffline(true);
    await allAre('offline');
    await annsNetwork.setOffline(false);
    await allAre('active');
    expect(await generation()).to.be.greaterThan(before);
  });

  it('stay signed in when the service is killed and started again', async () => {
    const before = await generation();
    service.kill('SIGKILL');
    await service.exited();
    await allAre('offline');
    await startAgain();
    await allAre('active');
    expect(await generation()).to.be.greaterThan(before);
  });

  it('stay signed in after a sleep in which others replaced the token', async () => {
    const before = await generation();
    await tabs[0]!.freeze();
    const asleepSince = performance.now();
    for (const tab of [tabs[1]!, tabs[2]!, tabs[1]!]) {
      await tab.cut();
      await tab.is('active');
    }
    const asleepMs = performance.now() - asleepSince;
    await tabs[0]!.thaw();
    await tabs[0]!.hasPaused(asleepMs);
    await tabs[0]!.cut();
    await allAre('active');
    expect(await generation()).to.be.greaterThan(before);
  });

  it('have had one session throughout', async () => {
    const [session, ...others] = await sessionsOf('ann@example.com');
    expect(others).to.deep.equal([]);
    expect(session?.revoke_reason).to.equal(null);
    expect(await generation()).to.be.within(session!.gen - 1, session!.gen);
  });

  it('are signed out with a message when a copy of an unbound storage was used before', async () => {
    const unbound = { useDpop: false };
    const { browser: bob } = await visit(unbound);
    const tab = await bob.open();
    await tab.signUp('bob@example.com');
    const { browser: other } = await visit(unbound);
    const copy = await other.open({ storage: await tab.storage() });
    await copy.is('active');
    await tab.cut();
    await Promise.all([tab.is('signed_out', 'token_reused'), copy.is('signed_out', 'token_reused')]);
    expect([bob.ends, other.ends]).to.deep.equal([['token_reused'], ['token_reused']]);
    expect((await sessionsOf('bob@example.com')).map((row) => row.revoke_reason)).to.deep.equal(['token_reused']);
  });
});
