import { randomUUID } from 'node:crypto';
import type { BackendSubscribeResponse } from '@latchkey/contract';
import { expect } from 'chai';
import type { Revocation } from '../../src/domain/revocation/revocation.ts';
import type { BackendSocket } from '../../src/socket/backend/backend-socket.ts';
import { createSubscriptions, type Subscribe } from '../../src/socket/backend/subscriptions.ts';

const entryOf = (seq: number): Revocation => ({
  seq,
  sid: randomUUID(),
  reason: 'logout',
  untilMs: Date.now() + 377_000,
});

describe('createSubscriptions', () => {
  const reader = {} as BackendSocket;
  let epoch: string;
  let list: Revocation[];
  let following: string[];
  let subscribe: Subscribe;
  const grow = (count: number) => {
    for (let more = 0; more < count; more += 1) list.push(entryOf(list.length + 1));
  };
  const ask = async (asked: Parameters<Subscribe>[1], socket = reader): Promise<BackendSubscribeResponse> =>
    subscribe(socket, asked);
  const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, at) => from + at);
  const seqsOf = (answers: readonly BackendSubscribeResponse[]) =>
    answers.flatMap(({ feed }) => feed.entries.map(({ seq }) => seq));

  beforeEach(() => {
    [epoch, list, following] = ['e1', [], []];
    subscribe = createSubscriptions({
      feed: {
        since(from, seq) {
          const isKnown = from === epoch && seq !== undefined;
          return isKnown
            ? { kind: 'delta', epoch, seq: list.length, entries: list.slice(seq) }
            : { kind: 'snapshot', epoch, seq: list.length, entries: [...list] };
        },
        subscribe: () => void following.push('feed'),
        ageMs: () => 12.3,
        now: () => 1_700_000_000_000,
      },
      tenantsSeq: () => 7,
      accessTokens: { issuer: 'https://id.test', audience: 'apps' },
    });
  });

  it('sends a short list at once, and also a long one when pages are not requested', async () => {
    grow(2_000);
    const short = await ask({ part: 0 });
    expect(short.feed).to.deep.include({ kind: 'snapshot', seq: 2_000 });
    expect(short).to.deep.include({ feed_age_ms: 13, tenants_seq: 7, issuer: 'https://id.test', audience: 'apps' });
    expect(following).to.deep.equal(['feed']);
    grow(1);
    expect((await ask({})).feed.entries).to.have.length(2_001);
  });

  it('sends a long list page by page, later entries with the last page, and no events before', async () => {
    grow(5_000);
    const first = await ask({ part: 0 });
    expect(first.feed).to.include({ kind: 'snapshot', epoch: 'e1', part: 0, parts: 3 });
    grow(3);
    const second = await ask({ part: 1 });
    grow(4);
    expect(following).to.deep.equal([]);
    const last = await ask({ part: 2 });
    expect(following).to.deep.equal(['feed']);
    expect(last.feed).to.include({ kind: 'snapshot', epoch: 'e1', seq: 5_007, part: 2, parts: 3 });
    expect(last).to.include({ feed_age_ms: 13, tenants_seq: 7, issuer: 'https://id.test', audience: 'apps' });
    expect(seqsOf([first, second, last])).to.deep.equal(upTo(5_007));
    expect((await ask({ part: 2 })).feed, 'asked once more').to.include({ part: 0, parts: 3 });
  });

  it('starts again when a page is skipped or does not exist, and repeats a page on request', async () => {
    grow(7_000);
    const partsFor = async (...asked: number[]) => {
      const answers = [];
      for (const part of asked) answers.push((await ask({ part })).feed.part);
      return answers;
    };
    expect(await partsFor(0, 2)).to.deep.equal([0, 0]);
    expect(await partsFor(0, 3)).to.deep.equal([0, 0]);
    expect(await partsFor(0, 1, 2, 9)).to.deep.equal([0, 1, 2, 0]);
    expect(following).to.deep.equal([]);
    expect(await partsFor(0, 1, 1, 2, 3)).to.deep.equal([0, 1, 1, 2, 3]);
  });

  it('sends a long delta page by page as well', async () => {
    grow(4_000);
    const from = { epoch: 'e1', seq: 1_000 };
    const first = await ask({ ...from, part: 0 });
    grow(1);
    const last = await ask({ ...from, part: 1 });
    expect([first.feed.kind, last.feed.kind]).to.deep.equal(['delta', 'delta']);
    expect(seqsOf([first, last])).to.deep.equal(upTo(4_001, 1_001));
  });

  it('starts again when numbers restart, and for an unknown reader', async () => {
    grow(5_000);
    await ask({ part: 0 });
    [epoch, list] = ['e2', []];
    grow(3);
    const anew = await ask({ part: 2 });
    expect(anew.feed).to.deep.include({ kind: 'snapshot', epoch: 'e2', seq: 3 });
    expect([anew.feed.part, seqsOf([anew])]).to.deep.equal([undefined, [1, 2, 3]]);
    grow(3_000);
    expect((await ask({ part: 1 }, {} as BackendSocket)).feed).to.include({ epoch: 'e2', part: 0, parts: 2 });
  });
});
