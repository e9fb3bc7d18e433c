import { expect } from 'chai';
import sinon from 'sinon';
import { createConnectionDiagnostics } from '../../src/connection/connection-diagnostics.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

describe('createConnectionDiagnostics', () => {
  const noSocket = [400, { code: 0 }] as const;
  const noService = [404, {}] as const;

  function setUp(answers: (readonly [number, object])[]) {
    const timers = createFakeTimers();
    const found: [string, boolean, string][] = [];
    let asked = 0;
    const enablePolling = sinon.spy();
    const connection = { isConnected: false, enablePolling };
    const obstacles = createConnectionDiagnostics({
      ...{ url: 'https://id.test', timers, connection },
      onProblem: ({ reason, isFinal, message = '' }) => void found.push([reason, isFinal, message]),
      fetch: async () => {
        asked += 1;
        const [status, body] = answers.shift()!;
        return new Response(JSON.stringify(body), { status });
      },
    });
    const fail = async (error?: Error) => {
      obstacles.examine(error);
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    return { timers, found, connection, obstacles, fail, asked: () => asked, enablePolling };
  }

  it('reports a missing WebSocket at once as transient, and checks again after 10 s', async () => {
    const { timers, found, fail, asked } = setUp([noSocket, noSocket]);
    await fail();
    await fail();
    expect(asked()).to.equal(1);
    timers.advance(10_000);
    await fail();
    expect([asked(), found]).to.deep.equal([
      2,
      [
        ['no_websocket', false, ''],
        ['no_websocket', false, ''],
      ],
    ]);
  });

  it('reports a missing WebSocket after three answers in a row once a connection was open', async () => {
    const { timers, found, fail, obstacles } = setUp([noSocket, noSocket, noSocket, noSocket]);
    obstacles.clear();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await fail();
      timers.advance(10_000);
    }
    expect(found).to.deep.equal([]);
    await fail();
    expect(found).to.deep.equal([['no_websocket', false, '']]);
  });

  it('reports a refused origin at once as final', async () => {
    const { found, fail } = setUp([[403, { code: 4 }]]);
    await fail();
    expect(found).to.deep.equal([['origin_refused', true, '']]);
  });

  it('reports a server that is no service after three answers in a row, because a load balancer may answer once', async () => {
    const { found, fail, timers } = setUp([noService, noService, noSocket, noService, noService, noService]);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await fail();
      timers.advance(10_000);
    }
    expect(found).to.deep.equal([['no_websocket', false, '']]);
    await fail();
    expect(found[1]).to.deep.equal(['not_a_service', true, '']);
  });

  it('reports no problem when a connection is open', async () => {
    const { found, fail, connection, obstacles } = setUp([noService, noService, noService, noService]);
    await fail();
    await fail();
    obstacles.clear();
    await fail();
    expect(found).to.deep.equal([]);
    await fail();
    connection.isConnected = true;
    await fail();
    expect(found).to.deep.equal([]);
  });

  it('reports three refusals of the Socket.IO server as final, with its message, without a check', async () => {
    const { found, fail, asked } = setUp([]);
    const refusal = () => Object.assign(new Error('not today'), { data: undefined });
    for (let attempt = 0; attempt < 3; attempt += 1) await fail(refusal());
    expect([asked(), found]).to.deep.equal([0, [['connection_refused', true, 'not today']]]);
  });

  it('starts with long polling when that is offered', async () => {
    const { found, fail, enablePolling } = setUp([[400, { code: 3 }]]);
    await fail(Object.assign(new Error('websocket error'), { type: 'TransportError' }));
    expect([found, enablePolling.callCount]).to.deep.equal([[], 1]);
  });
});
