import { expect } from 'chai';
import { checkHost, checkProxy } from '../../../src/cli/doctor/checks/proxy.ts';
import type { RequestView } from '../../../src/cli/doctor/request-probe.ts';
import type { Subject } from '../../../src/cli/doctor/subject.ts';

const view: RequestView = {
  ...{ host: 'id.example', remote_address: '10.0.0.2', remote_port: 4_321, isDirect: false },
  ...{ forwarded_for: '203.0.113.9', is_proxy_trusted: true, client_address: '203.0.113.9' },
};
const forged: RequestView = { ...view, forwarded_for: '192.0.2.1, 203.0.113.9' };

/** An installation of three nodes, whose answers differ as given. */
function subjectOf(
  views: readonly Partial<RequestView>[],
  forgedViews: readonly Partial<RequestView>[] = [{}],
): Subject {
  const answer = (base: RequestView, differences: readonly Partial<RequestView>[]) => async () =>
    differences.map((difference) => ({ result: 'accepted', view: { ...base, ...difference } }));
  return {
    config: { publicUrl: 'https://id.example', trustProxy: ['10.0.0.0/8'] },
    probe: answer(view, views),
    probeForged: answer(forged, forgedViews),
  } as unknown as Subject;
}

describe('the checks of the proxy', () => {
  it('take an installation whose nodes agree', async () => {
    const subject = subjectOf([{}, {}, {}]);
    expect(await checkHost(subject)).eql({ outcome: 'ok', message: 'nodes see the host id.example' });
    expect(await checkProxy(subject)).eql({
      outcome: 'ok',
      message: 'the proxy at 10.0.0.2 is trusted; nodes see the address 203.0.113.9',
    });
  });

  it('name one node that does not trust the proxy, whichever answers first', async () => {
    for (const views of [
      [{ is_proxy_trusted: false }, {}, {}],
      [{}, {}, { is_proxy_trusted: false }],
    ])
      expect(await checkProxy(subjectOf(views))).eql({
        outcome: 'failed',
        message: 'the proxy at 10.0.0.2 is not trusted, so that all clients share its address (1 of 4 requests)',
        remedy: 'add 10.0.0.2, or the network of the proxies, to LATCHKEY_TRUST_PROXY of every node',
      });
  });

  it('name a node that only the requests with a forged address reached', async () => {
    const { outcome, message } = await checkProxy(subjectOf([{}, {}], [{}, { is_proxy_trusted: false }]));
    expect(outcome).equal('failed');
    expect(message).contain('not trusted').and.contain('(1 of 4 requests)');
  });

  it('name one proxy that replaces Host', async () => {
    const { outcome, message } = await checkHost(subjectOf([{}, { host: 'service:4000' }, {}]));
    expect(outcome).equal('warning');
    expect(message).equal('the proxy replaces Host: nodes see service:4000, not id.example (1 of 3 requests)');
  });

  it('name a proxy that passes X-Forwarded-For on, and adds none of its own', async () => {
    const passing = subjectOf([{ forwarded_for: null }], [{}, { forwarded_for: '192.0.2.1' }]);
    const { outcome, message } = await checkProxy(passing);
    expect(outcome).equal('failed');
    expect(message).contain('each client can choose its address (1 of 2 requests)');
  });

  it('name one proxy that sends no X-Forwarded-For, or no address', async () => {
    const none = await checkProxy(subjectOf([{}, { forwarded_for: null, remote_address: '10.0.0.3' }]));
    expect(none.outcome).equal('warning');
    expect(none.message).contain('from 10.0.0.3 without X-Forwarded-For').and.contain('(1 of 2 requests)');
    const unreadable = await checkProxy(subjectOf([{}, { client_address: null }]));
    expect(unreadable.outcome).equal('warning');
    expect(unreadable.message).contain('holds no address');
  });

  it('do not judge requests that reach a node without a proxy', async () => {
    const direct = { isDirect: true, forwarded_for: null };
    expect((await checkProxy(subjectOf([direct, direct]))).outcome).equal('ok');
    expect((await checkProxy(subjectOf([direct, {}]))).outcome).equal('ok');
  });
});
