import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createPlainClient, newKey } from '../test-kit/client/plain-client.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { type AppProcess, developersCredential, startApp } from './link/app-process.ts';
import { type Callers, startCallers } from './link/callers.ts';
import { type Balancer, startBalancer } from './storm/balancer.ts';

/** Seconds of load before the signal; `npm run test:links` takes more. */
const loadSeconds = process.env.LINK_CUT_SECONDS === undefined ? 1 : 20;
const browsers = 17;
const tabs = 3 * browsers;
const stopSeconds = 5;

describe('a backend process at SIGTERM', function () {
  this.timeout(60_000 + loadSeconds * 1_000);
  let service: ServiceProcess;
  let serviceOrigins: Balancer;
  let balancer: Balancer;
  let callers: Callers | undefined;
  const apps: AppProcess[] = [];

  before(async () => {
    [service, serviceOrigins, balancer] = await Promise.all([
      startService(),
      startBalancer({ origins: browsers }),
      startBalancer({ origins: 1 }),
    ]);
    await service.ready();
    serviceOrigins.setNodes([service.port]);
  });
  after(async () => {
    callers?.close();
    await Promise.all([service, ...apps].map((one) => one.stop()));
    await Promise.all([serviceOrigins.close(), balancer.close()]);
  });

  async function open(seconds: number): Promise<AppProcess> {
    const latchkey = { url: service.url, spreadInSecs: 1 };
    const app = await startApp(developersCredential(service), { latchkey, stopSeconds: seconds });
    apps.push(app);
    await app.ready();
    return app;
  }

  it('answers every call in flight, accepts no new one, and its clients reconnect to another server', async () => {
    const [one, two] = await Promise.all([open(stopSeconds), open(stopSeconds)]);
    balancer.setNodes([one.port]);
    callers = await startCallers({ serviceUrls: serviceOrigins.urls, appUrl: balancer.urls[0]!, tabsEach: 3 });
    expect((await one.health()).sessionCount).to.equal(browsers);
    await sleep(loadSeconds * 1_000);
    balancer.setNodes([one.port, two.port]);
    const signalledAt = performance.now();
    one.kill('SIGTERM');
    expect(await one.exited()).to.equal(0);
    const exitedAt = performance.now();
    expect(exitedAt - signalledAt).to.be.below(stopSeconds * 1_000 + 1_000);
    await waitFor(
      () => callers!.tabsAnsweredSince(exitedAt) === tabs && callers!.states().every((state) => state === 'active'),
      20_000,
      callers.states,
    );
    await callers.stop();
    await two.stop();

    const { begun, report } = one.stopped();
    const { answered, refused } = callers;
    expect(report).to.deep.include({ unfinished: {} });
    expect(report.sockets.terminated).to.equal(0);
    expect(report.sockets.notified).to.be.at.least(tabs);
    expect(begun.filter((id) => !answered.has(id))).to.deep.equal([]);
    const ran = [...begun, ...two.stopped().begun];
    expect(ran.length, 'once each').to.equal(new Set(ran).size);
    expect(ran.filter((id) => refused.has(id)).map((id) => refused.get(id))).to.deep.equal([]);
    const codes = [...new Set(refused.values())];
    expect(codes).to.include('server_draining');
    expect(['server_draining', 'unavailable']).to.include.members(codes);
    expect([...refused.keys()].filter((id) => id.startsWith('keyed'))).to.deep.equal([]);
    expect(callers.falls(), 'no user is signed out').to.deep.equal([]);
    console.log(`      ${JSON.stringify({ answered: answered.size, refused: refused.size, codes })}`);
  });

  it('waits until its deadline for a call that does not end, and logs what it cut', async () => {
    const app = await open(1);
    const client = createPlainClient({ url: service.url, socketUrl: app.url });
    const login = await client.register('patient@example.test', 'correct horse battery');
    const socket = await client.connect();
    expect((await socket.authenticate({ ...login, rotation_key: newKey() })).event).to.equal('authenticated');
    socket.raw.emit('api', 'work', { id: 'endless', ms: 600_000 });
    expect(await socket.call('api', 'work', { id: 'short', ms: 0 })).to.have.property('ok', true);
    const signalledAt = performance.now();
    app.kill('SIGTERM');
    expect(await socket.next('server_drain')).to.have.property('reconnect_after_ms');
    expect(await socket.closed()).to.equal('transport close');
    expect(await app.exited()).to.equal(0);
    expect(performance.now() - signalledAt).to.be.within(950, 2_500);
    expect(app.stopped().report).to.deep.equal({
      unfinished: { 'api work': 1 },
      sockets: { notified: 1, terminated: 0 },
    });
  });
});
