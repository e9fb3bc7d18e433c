import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { listen } from '../../../../test-kit/listen.ts';
import { checkPublicUrl, checkReadiness } from '../../../src/cli/doctor/checks/public-url.ts';
import type { Subject } from '../../../src/cli/doctor/subject.ts';

interface Answer {
  readonly status?: number;
  readonly body: object;
}

describe('the checks of the public URL', () => {
  let server: Server;
  let url: string;
  let answers: (() => Answer)[];
  let turn = 0;

  before(async () => {
    server = createServer((_request, response) => {
      const { status = 200, body } = answers[turn++ % answers.length]!();
      response.writeHead(status).end(JSON.stringify(body));
    });
    url = await listen(server);
  });
  after(() => void server.close());

  /** Both orders, because a load balancer may begin with either node. */
  async function inBothOrders(check: typeof checkPublicUrl, nodes: [() => Answer, () => Answer]) {
    const subject = { config: { publicUrl: url, issuer: url } } as Subject;
    const findings = [];
    for (answers of [nodes, nodes.toReversed()]) findings.push(await check(subject));
    return findings;
  }

  it('name one node that has another public URL', async () => {
    const own = () => ({ body: { issuer: url } });
    const other = () => ({ body: { issuer: 'https://other.example' } });
    for (const { outcome, message } of await inBothOrders(checkPublicUrl, [own, other])) {
      expect(outcome).equal('failed');
      expect(message).equal(`the service at ${url} has the public URL https://other.example`);
    }
    expect((await inBothOrders(checkPublicUrl, [own, own]))[0]).include({ outcome: 'ok' });
  });

  it('name one node that is not ready', async () => {
    const ready = () => ({ body: { checks: { keys: 'ok' } } });
    const notReady = () => ({ status: 503, body: { checks: { keys: 'failed', database: 'ok' } } });
    for (const { outcome, message } of await inBothOrders(checkReadiness, [ready, notReady])) {
      expect(outcome).equal('failed');
      expect(message).equal('a node is not ready (keys)');
    }
    expect((await inBothOrders(checkReadiness, [ready, ready]))[0]).include({ outcome: 'ok' });
  });
});
