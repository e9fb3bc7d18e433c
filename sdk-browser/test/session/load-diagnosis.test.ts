import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import sinon from 'sinon';
import { createDiagnose } from '../../src/session/load-diagnosis.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

type Deps = Parameters<typeof createDiagnose>[0];

/** A CONNECT_ERROR of the server, which socket.io-client gives the member `data`. */
const refusal = Object.assign(new Error('no seats'), { data: undefined });

/** Waits until the code is loaded, and what waited for it has run. */
async function settled(): Promise<void> {
  await import('../../src/connection/diagnosis.ts');
  await nextTurn();
}

function setUp() {
  const socket = new EventEmitter();
  const connection = { socket, isConnected: false };
  const rejected = sinon.spy();
  const warnOnce = sinon.spy();
  const deps = { connection, rejected, warnOnce, timers: createFakeTimers(), url: 'https://id.test', codeExchange: {} };
  return { connection, socket, rejected, warnOnce, diagnose: createDiagnose(deps as unknown as Deps) };
}

describe('createDiagnose', () => {
  it('reports failures that came while its code was loaded', async () => {
    const { diagnose, rejected, warnOnce } = setUp();
    for (let attempt = 0; attempt < 3; attempt += 1) diagnose(refusal);
    await settled();
    expect(rejected.args).to.deep.equal([['connection_refused']]);
    expect(warnOnce.firstCall.args[1]).to.include('no seats');
  });

  it('forgets failures before an open connection', async () => {
    const { diagnose, rejected, socket } = setUp();
    diagnose(refusal);
    diagnose(refusal);
    socket.emit('connect');
    diagnose(refusal);
    await settled();
    expect(rejected.args).to.deep.equal([]);
  });

  it('reports no failure when the connection is open by then', async () => {
    const { diagnose, rejected, connection } = setUp();
    for (let attempt = 0; attempt < 3; attempt += 1) diagnose(refusal);
    connection.isConnected = true;
    await settled();
    expect(rejected.args).to.deep.equal([]);
  });
});
