import { expect } from 'chai';
import { type SinonStub, stub } from 'sinon';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { type AsyncStorage, createAsyncStorage } from '../../src/async-storage/index.ts';
import { createSession, type Session } from '../../src/index.ts';
import { createTimers } from '../../src/platform/timers.ts';
import { type Service, startService } from '../harness/service.ts';

const ada = { email: 'ada@example.com', password: 'correct horse' };

/** An app's storage: each answer takes a turn of the event loop, and a test may make it fail or wait. */
function createPhoneStorage(entries = new Map<string, string>()) {
  const done: string[] = [];
  let failures = 0;
  let gate: Promise<unknown> = Promise.resolve();
  const act = async <Result>(what: string, run: () => Result): Promise<Result> => {
    await new Promise((resolve) => setImmediate(resolve));
    await gate;
    if (failures > 0) {
      failures -= 1;
      throw new Error('The disk is busy.');
    }
    done.push(what);
    return run();
  };
  const storage: AsyncStorage = {
    getAllKeys: () => act('list', () => [...entries.keys()]),
    getItem: (name) => act('get', () => entries.get(name) ?? null),
    setItem: (name, value) => act(`set ${kindOf(name)}`, () => entries.set(name, value)),
    removeItem: (name) => act(`remove ${kindOf(name)}`, () => entries.delete(name)),
  };
  return {
    storage,
    entries,
    done,
    fail: (times: number) => {
      failures = times;
    },
    wait: (until: Promise<unknown>) => {
      gate = until;
    },
  };
}

function kindOf(name: string): string {
  return /:(token|ended|key)\b/.exec(name)?.[1] ?? name;
}

describe('createAsyncStorage', () => {
  let service: Service;
  let sessions: Session[] = [];
  let warn: SinonStub;

  function open(storage: AsyncStorage): Session {
    const session = createSession({ url: service.url, storage: createAsyncStorage(storage), random: () => 0.1 });
    sessions.push(session);
    return session;
  }
  beforeEach(async () => {
    warn = stub(console, 'warn');
    service = await startService();
  });
  afterEach(async () => {
    warn.restore();
    for (const session of sessions) session.close();
    sessions = [];
    await service.stop();
  });

  it('resumes the session in the next run of the app, with the newest token', async () => {
    const phone = createPhoneStorage();
    const first = open(phone.storage);
    await first.login(ada);
    await first.refresh();
    service.io.disconnectSockets(true);
    await waitFor(() => first.generation === 2 && first.state.status === 'active');
    await waitFor(() => [...phone.entries.values()].some((value) => value.includes('.')));
    first.close();
    const next = open(phone.storage);
    expect(next.state.status).to.equal('signed_out');
    const connecting = next.connect();
    expect(next.state).to.deep.equal({ status: 'connecting' });
    expect(await connecting).to.include({ status: 'active', generation: 3 });
    expect([...service.rows.values()].map(({ revoked }) => revoked)).to.deep.equal([undefined]);
  });

  it('reads the storage before sign-in, fetch, refresh and logout', async () => {
    const phone = createPhoneStorage();
    const first = open(phone.storage);
    await first.login(ada);
    first.close();
    await waitFor(() => phone.done.includes('set token'));
    await open(phone.storage).refresh();
    const response = await open(phone.storage).fetch(`${service.url}/anything`);
    await response.text();
    expect(service.requests.filter((request) => request === 'POST /oauth/token').length).to.equal(2);
    expect(await open(phone.storage).logout()).to.deep.equal({ ended: 1 });
    expect(await open(phone.storage).connect()).to.include({ status: 'signed_out' });
  });

  it('presents a token only after its rotation key is written', async () => {
    const phone = createPhoneStorage();
    const session = open(phone.storage);
    await session.login(ada);
    let release = (): void => {};
    phone.wait(
      new Promise<void>((resolve) => {
        release = resolve;
      }),
    );
    service.io.disconnectSockets(true);
    await waitFor(() => session.socket.connected && session.state.status === 'connecting');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(service.shown.length).to.equal(1);
    release();
    await waitFor(() => session.generation === 2);
    const { rotation_key } = service.shown[1]!;
    expect(phone.done.indexOf('set key')).to.be.greaterThan(-1);
    expect(rotation_key).to.match(/^[\w-]{22}$/);
  });

  it('repeats a failed write in order', async () => {
    const phone = createPhoneStorage();
    const session = open(phone.storage);
    await session.connect();
    phone.fail(2);
    await session.login(ada);
    await waitFor(() => phone.done.includes('set token'));
    expect(warn.args.flat().join(' ')).to.include('a write to the storage failed');
    expect([...phone.entries.keys()].map(kindOf)).to.include('token');
  });

  it('stays signed in with a storage that rejects writes', async () => {
    const phone = createPhoneStorage();
    const [storage, real] = [createAsyncStorage(phone.storage), createTimers()];
    const timers = { now: real.now, after: (ms: number, run: () => void) => real.after(ms / 20, run) };
    const session = createSession({ url: service.url, storage, timers, random: () => 0.1 });
    sessions.push(session);
    await session.login(ada);
    phone.fail(Number.POSITIVE_INFINITY);
    service.io.disconnectSockets(true);
    await waitFor(() => session.generation === 2 && session.state.status === 'active');
    phone.fail(0);
    await waitFor(() => phone.done.at(-1) === 'remove key');
    expect(warn.callCount).to.equal(1);
  });

  it('is in error and signed in when the storage cannot be read, and reads it again at connect', async () => {
    const phone = createPhoneStorage();
    const first = open(phone.storage);
    await first.login(ada);
    await waitFor(() => phone.done.at(-1) === 'remove ended');
    first.close();
    phone.fail(2);
    const session = open(phone.storage);
    expect(await session.connect()).to.deep.equal({ status: 'error', reason: 'unavailable' });
    const failure = await session.login(ada).catch((why: unknown) => why);
    expect(failure).to.include({ code: 'unavailable', message: 'The storage cannot be read. Try again later.' });
    expect(await session.connect()).to.include({ status: 'active', generation: 2 });
  });

  it('shares entries between the sessions of one app', async () => {
    const phone = createPhoneStorage();
    const storage = createAsyncStorage(phone.storage, createTimers());
    const [one, other] = [1, 2].map(() => createSession({ url: service.url, storage, random: () => 0.1 }));
    sessions.push(one!, other!);
    expect((await Promise.all([one!.connect(), other!.connect()])).map(({ status }) => status)).to.deep.equal([
      'signed_out',
      'signed_out',
    ]);
    await one!.login(ada);
    expect(await other!.connect()).to.include({ status: 'active', sessionId: one!.sessionId });
  });

  it('adapts a storage that createSession rejects', () => {
    const { storage } = createPhoneStorage();
    expect(() => createSession({ url: service.url, storage: storage as unknown as Storage })).to.throw(
      TypeError,
      '@latchkey/sdk-browser/async-storage',
    );
  });
});
