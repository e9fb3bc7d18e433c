import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { BlacklistEntry } from '../../src/domain/blacklist/blacklist.ts';
import { createFeedParts, type FeedParts } from '../../src/socket/backend/feed-parts.ts';

const entryOf = (seq: number): BlacklistEntry => ({ seq, sid: randomUUID(), reason: 'logout', keepSeconds: 377 });

describe('createFeedParts', () => {
  const reader = {};
  let epoch: string;
  let list: BlacklistEntry[];
  let parts: FeedParts<object>;
  const grow = (count: number) => {
    for (let more = 0; more < count; more += 1) list.push(entryOf(list.length + 1));
  };
  const seqs = (entries: readonly { seq: number }[] = []) => entries.map(({ seq }) => seq);
  const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, at) => from + at);

  beforeEach(() => {
    [epoch, list] = ['e1', []];
    parts = createFeedParts({
      since(from, seq) {
        const isKnown = from === epoch && seq !== undefined;
        return isKnown
          ? { kind: 'delta', epoch, seq: list.length, entries: list.slice(seq) }
          : { kind: 'snapshot', epoch, seq: list.length, entries: [...list] };
      },
    });
  });

  it('leaves a short list whole, and a long one for whoever does not ask for parts', () => {
    grow(2_000);
    expect(parts.part(reader, { part: 0 })).to.equal(undefined);
    expect(parts.rest(reader, { part: 0 })).to.deep.include({ kind: 'snapshot', seq: 2_000 });
    grow(1);
    expect(parts.part(reader, {})).to.equal(undefined);
    expect(parts.rest(reader, {}).entries).to.have.length(2_001);
  });

  it('hands a long list out part by part, what came meanwhile with the last', () => {
    grow(5_000);
    const first = parts.part(reader, { part: 0 })!;
    expect(first).to.include({ kind: 'snapshot', epoch: 'e1', part: 0, parts: 3 });
    grow(3);
    const second = parts.part(reader, { part: 1 })!;
    grow(4);
    expect(parts.part(reader, { part: 2 })).to.equal(undefined);
    const rest = parts.rest(reader, { part: 2 });
    expect(rest).to.include({ kind: 'snapshot', epoch: 'e1', seq: 5_007, part: 2, parts: 3 });
    expect(seqs([...first.entries, ...second.entries, ...rest.entries])).to.deep.equal(upTo(5_007));
  });

  it('does the same with what somebody lacks who knows a part of the list', () => {
    grow(4_000);
    const from = { epoch: 'e1', seq: 1_000 };
    const first = parts.part(reader, { ...from, part: 0 })!;
    grow(1);
    expect(parts.part(reader, { ...from, part: 1 })).to.equal(undefined);
    const rest = parts.rest(reader, { ...from, part: 1 });
    expect([first.kind, rest.kind]).to.deep.equal(['delta', 'delta']);
    expect(seqs([...first.entries, ...rest.entries])).to.deep.equal(upTo(4_001, 1_001));
  });

  it('begins anew when the numbers do, and for a reader that it does not know', () => {
    grow(5_000);
    parts.part(reader, { part: 0 });
    [epoch, list] = ['e2', []];
    grow(3);
    expect(parts.part(reader, { part: 2 })).to.equal(undefined);
    const rest = parts.rest(reader, { part: 2 });
    expect(rest).to.deep.include({ kind: 'snapshot', epoch: 'e2', seq: 3 });
    expect([rest.part, seqs(rest.entries)]).to.deep.equal([undefined, [1, 2, 3]]);
    grow(3_000);
    expect(parts.part({}, { part: 1 })).to.include({ epoch: 'e2', part: 0, parts: 2 });
  });
});
