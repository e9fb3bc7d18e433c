import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { spy } from 'sinon';
import { Server } from 'socket.io';
import { Adapter } from 'socket.io-adapter';
import { type Changes, createChanges } from '../../src/transaction/index.ts';
import { clusterOf } from '../cluster-adapter.ts';

describe('createChanges', () => {
  const servers: Server[] = [];
  const node = (adapter?: typeof Adapter) => {
    const io = new Server(createServer(), adapter ? { adapter } : {});
    servers.push(io);
    return io;
  };
  const log = { warn: spy(), error: spy() };

  afterEach(async () => {
    log.error.resetHistory();
    for (const io of servers.splice(0)) await io.close();
  });

  it('calls the listeners of a name with each change and its kind, until they are removed', () => {
    const changes = createChanges(node());
    const heard: unknown[] = [];
    const remove = changes.onChanges('ACCOUNT', (...news) => heard.push(news));
    changes.onChanges('OTHER', (...news) => heard.push(news));
    changes.notifyCreation('acme', 'ACCOUNT', { id: 1 });
    changes.notifyUpdate('acme', 'ACCOUNT', { id: 2 });
    remove();
    remove();
    changes.notifyDeletion('acme', 'ACCOUNT', { id: 3 });
    changes.notifyDeletion('acme', 'OTHER', { id: 4 });
    expect(heard).to.deep.equal([
      ['acme', { id: 1 }, 'creation'],
      ['acme', { id: 2 }, 'update'],
      ['acme', { id: 4 }, 'deletion'],
    ]);
  });

  it('counts two registrations of one function separately', () => {
    const changes = createChanges(node());
    const listener = spy();
    const remove = changes.onChanges('A', listener);
    changes.onChanges('A', listener);
    remove();
    changes.notifyUpdate('acme', 'A', 1);
    expect(listener.callCount).to.equal(1);
  });

  it('reaches every node once, and no closed node', async () => {
    const cluster = clusterOf(new EventEmitter());
    const [here, there, closed] = [node(cluster), node(cluster), node(cluster)].map((io) => createChanges(io));
    const heard = [spy(), spy(), spy()];
    for (const [index, changes] of [here!, there!, closed!].entries()) changes.onChanges('A', heard[index]!);
    closed!.close();
    here!.notifyUpdate('acme', 'A', { id: 1 });
    await nextTurn();
    expect(heard.map((listener) => listener.args)).to.deep.equal([
      [['acme', { id: 1 }, 'update']],
      [['acme', { id: 1 }, 'update']],
      [],
    ]);
  });

  it('reaches only this node on request', async () => {
    const cluster = clusterOf(new EventEmitter());
    const [here, there] = [createChanges(node(cluster)), createChanges(node(cluster))];
    const heard = [spy(), spy()];
    here.onChanges('A', heard[0]!);
    there.onChanges('A', heard[1]!);
    here.deliver('acme', 'A', 1, 'creation');
    await nextTurn();
    expect(heard.map(({ callCount }) => callCount)).to.deep.equal([1, 0]);
  });

  it('reaches only this node before it joins a Socket.IO server, and after it is closed', async () => {
    const cluster = clusterOf(new EventEmitter());
    const [here, there] = [createChanges(), createChanges(node(cluster))];
    const heard = [spy(), spy()];
    here.onChanges('A', heard[0]!);
    there.onChanges('A', heard[1]!);
    const tell = async (from: Changes) => {
      from.notifyUpdate('acme', 'A', 1);
      await nextTurn();
      return heard.map(({ callCount }) => callCount);
    };
    expect(await tell(here)).to.deep.equal([1, 0]);
    here.attach(node(cluster));
    expect(await tell(here)).to.deep.equal([2, 1]);
    expect(await tell(there)).to.deep.equal([3, 2]);
    here.close();
    expect(await tell(here)).to.deep.equal([4, 2]);
    expect(await tell(there)).to.deep.equal([4, 3]);
  });

  it('calls listeners of reserved names only with changes from the service', async () => {
    const cluster = clusterOf(new EventEmitter());
    const here = createChanges(node(cluster), { reserved: ['A'] });
    const heard = spy();
    here.onChanges('A', heard);
    expect(() => here.notifyUpdate('acme', 'A', 1)).to.throw(TypeError, '"A"');
    createChanges(node(cluster)).notifyUpdate('acme', 'A', 2);
    await nextTurn();
    here.deliver('acme', 'A', 3, 'update');
    expect(heard.args).to.deep.equal([['acme', 3, 'update']]);
  });

  it('sends nothing through an adapter without other nodes', () => {
    const io = node();
    const emitted = spy(io, 'serverSideEmit');
    createChanges(io).notifyUpdate('acme', 'A', 1);
    expect(io.of('/').adapter).to.be.instanceOf(Adapter);
    expect(emitted.callCount).to.equal(0);
  });

  it('calls the other listeners, and does not throw, when a listener fails', async () => {
    const changes = createChanges(node(), { log });
    const last = spy();
    changes.onChanges('A', () => {
      throw new Error('thrown');
    });
    changes.onChanges('A', () => Promise.reject(new Error('rejected')));
    changes.onChanges('A', last);
    changes.notifyUpdate('acme', 'A', 1);
    await nextTurn();
    expect([last.callCount, log.error.callCount]).to.deep.equal([1, 2]);
  });

  it('logs a change that cannot be serialized', () => {
    class Refusing extends Adapter {
      override serverSideEmit(): never {
        throw new Error('refused');
      }
    }
    const changes = createChanges(node(Refusing), { log });
    const heard = spy();
    changes.onChanges('A', heard);
    changes.notifyUpdate('acme', 'A', 1);
    expect([heard.callCount, log.error.callCount]).to.deep.equal([1, 1]);
  });
});
