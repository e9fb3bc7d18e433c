import type { PresenceChange } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { expect } from 'chai';
import type { BackendSocket } from '../../src/socket/backend/backend-socket.ts';
import { createFeedPublisher } from '../../src/socket/backend/feed-publisher.ts';
import { createPresenceFeed, type PresenceFeed } from '../../src/socket/presence-feed.ts';

type Timer = () => void;

/** Time passes when a test runs what waits. */
function standingClock(): { clock: Clock; waiting: Set<Timer> } {
  const waiting = new Set<Timer>();
  const after = (_ms: number, task: () => void) => {
    const timer = () => {
      waiting.delete(timer);
      task();
    };
    waiting.add(timer);
    return () => void waiting.delete(timer);
  };
  return { clock: { after, monotonic: () => 0 } as unknown as Clock, waiting };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('changes of presence', () => {
  let news: PresenceFeed;
  let waiting: Set<Timer>;
  let reads: (() => void)[];

  beforeEach(() => {
    const time = standingClock();
    [waiting, reads] = [time.waiting, []];
    async function* listPresence() {
      await new Promise<void>((resolve) => reads.push(resolve));
      yield [];
    }
    news = createPresenceFeed({ listPresence, clock: time.clock, onError: () => {} });
  });
  const pass = () => {
    for (const timer of [...waiting]) timer();
  };

  it('are read at one rate, also for requests during a read', async () => {
    const leave = [news.subscribe(() => {})];
    for (let round = 1; round <= 5; round += 1) {
      pass();
      leave.push(news.subscribe(() => {}));
      for (const answer of reads.splice(0)) answer();
      await turn();
      expect(waiting.size, `round ${round}`).to.equal(1);
    }
    for (const go of leave) go();
    pass();
    expect([waiting.size, reads.length]).to.deep.equal([0, 0]);
    news.subscribe(() => {});
    expect(waiting.size, 'begins again').to.equal(1);
  });

  it('are not read again after the server is closed during a read', async () => {
    news.subscribe(() => {});
    pass();
    news.close();
    for (const answer of reads.splice(0)) answer();
    await turn();
    expect(waiting.size).to.equal(0);
  });
});

describe('presence events', () => {
  it('contain an update for changed claims, and nothing for equal ones', async () => {
    const there = {
      ...{ sid: 's1', userId: 'u1', tenantId: 't1', serverId: 'v1', sockets: 1 },
      createdAtMs: 1,
      updatedAtMs: 2,
    };
    let claims: Record<string, unknown> = { role: 'teller', of: ['a'] };
    async function* listPresence() {
      yield [{ ...there, claims }];
    }
    const news = createPresenceFeed({ listPresence, clock: standingClock().clock, onError: () => {} });
    const emitted: PresenceChange[] = [];
    news.subscribe((changes) => void emitted.push(...changes));
    await news.read();
    claims = { of: ['a'], role: 'teller' };
    await news.read();
    expect(emitted).to.deep.equal([]);
    claims = { role: 'manager', of: ['a'] };
    await news.read();
    expect(emitted).to.have.length(1);
    expect(emitted[0]).to.deep.include({ change: 'update', server_id: 'v1' });
    expect(emitted[0]!.session.claims).to.deep.equal(claims);
  });
});

describe('the revocation list', () => {
  it('is not pushed to a backend that disconnected before it was answered', () => {
    const { clock, waiting } = standingClock();
    const feed = { since: () => ({ kind: 'delta', epoch: 'e', seq: 1, entries: [] }) as never, ageMs: () => 0 };
    const door = createFeedPublisher({ feed: { ...feed, onSegment: () => () => {} }, now: () => 0, clock });
    const pushed: boolean[] = [];
    const socketThat = (connected: boolean) =>
      ({ connected, once() {}, emit: () => void pushed.push(connected) }) as unknown as BackendSocket;
    door.since(undefined, undefined);
    for (const connected of [false, true]) door.subscribe(socketThat(connected));
    for (const timer of [...waiting]) timer();
    door.close();
    expect(pushed).to.deep.equal([true]);
  });
});
