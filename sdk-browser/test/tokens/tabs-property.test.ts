import { expect } from 'chai';
import fc from 'fast-check';
import { policyFor } from '../../src/refresh/refusal-policy.ts';
import { createMemoryStorage, createStorageAdapter } from '../../src/tokens/storage-adapter.ts';
import { decodeToken, isNewer, type StoredToken } from '../../src/tokens/token.ts';
import { createTokenStore, type TokenStore } from '../../src/tokens/token-store.ts';
import { confirm, countsForMs, newRow, type Outcome, present, type Row, tokenOf } from '../harness/verdicts.ts';
import { createLaggingStorage, createWorld } from '../harness/virtual-world.ts';

/** One step of one tab's history; times are virtual milliseconds. */
interface Step {
  readonly tab: number;
  readonly waitMs: number;
  readonly requestMs: number;
  readonly answerMs: number;
  readonly fate: 'ok' | 'lose-request' | 'lose-answer' | 'lose-ack';
  /** The request arrives once more, so much later. */
  readonly duplicateMs: number | undefined;
  /** The request travels so much longer. */
  readonly lateMs: number;
}

const codes = {
  late: 'busy',
  superseded: 'rotation_superseded',
  contended: 'rotation_contended',
  reuse: 'token_reused',
  unknown: 'generation_unknown',
  key_reused: 'invalid_request',
  revoked: 'session_revoked',
} as const;

interface Run {
  readonly verdicts: Outcome[];
  readonly row: Row;
  readonly ended: string[];
  readonly tokenStore: StoredToken | undefined;
}

function play(tabs: number, lagMs: number, steps: readonly Step[]): Run {
  const world = createWorld();
  const shared = createMemoryStorage();
  const row = newRow('s1', 'first', 0);
  shared.setItem('p:token', tokenOf(row));
  const tokenStores = Array.from({ length: tabs }, () =>
    createTokenStore(createStorageAdapter(createLaggingStorage(shared, world, lagMs), 'p:')),
  );
  const verdicts: Outcome[] = [];
  const ended: string[] = [];
  const open = new Set<number>();

  /** One presentation by the rules of the SDK; `tries` bounds what a tab does after a refusal. */
  function show(step: Step, tokenStore: TokenStore, tries: number): void {
    const held = tokenStore.read();
    if (held === undefined) {
      ended.push('empty');
      return;
    }
    const { rotation_key, also_rotation_keys = [] } = tokenStore.rotationKeysFor(held);
    const askedAt = world.now();
    const arrive = (isLate: boolean): void => {
      const { tag } = JSON.parse(Buffer.from(held.token.split('.')[1] ?? '', 'base64url').toString());
      const shown = { gen: held.gen, tag, keys: [rotation_key, ...also_rotation_keys] };
      const verdict = world.now() >= askedAt + countsForMs ? 'late' : present(row, shown, world.now());
      verdicts.push(verdict);
      if (isLate || step.fate === 'lose-answer') return;
      const next = tokenOf(row);
      world.at(step.answerMs, () => answered(verdict, next));
    };
    const answered = (verdict: Outcome, token: string) => {
      if (verdict === 'rotate' || verdict === 'replay') {
        const next = decodeToken(token)!;
        tokenStore.store(next, { fresh: false });
        if (step.fate !== 'lose-ack') world.at(10_000, () => acknowledge(next));
        return done();
      }
      const reaction = policyFor(codes[verdict]);
      const now = tokenStore.read();
      if (reaction === 'end' && now !== undefined && !isNewer(now, held)) ended.push(verdict);
      if (tries > 0)
        world.at(300, () => show({ ...step, fate: 'ok', duplicateMs: undefined, lateMs: 0 }, tokenStore, tries - 1));
      else done();
    };
    const acknowledge = (next: StoredToken): void => {
      const now = tokenStore.read();
      if (now !== undefined && now.gen >= next.gen) confirm(row, next.gen, world.now());
    };
    const done = (): void => void open.delete(step.tab);
    if (step.duplicateMs !== undefined) world.at(step.requestMs + step.duplicateMs, () => arrive(true));
    if (step.fate === 'lose-request' || step.fate === 'lose-answer') world.at(step.requestMs + step.answerMs, done);
    if (step.fate !== 'lose-request') world.at(step.requestMs + step.lateMs, () => arrive(false));
  }

  let at = 0;
  for (const step of steps) {
    at += step.waitMs;
    world.at(at, () => {
      // A tab shows one credential at a time.
      if (open.has(step.tab)) return;
      open.add(step.tab);
      show(step, tokenStores[step.tab] as TokenStore, 60);
    });
  }
  world.run();
  return { verdicts, row, ended, tokenStore: tokenStores[0]?.read() };
}

const tabsMost = 6;
const step = fc.record<Step>({
  tab: fc.nat(tabsMost - 1),
  waitMs: fc.oneof(fc.nat(20), fc.nat(2_000), fc.nat(90_000)),
  requestMs: fc.nat(900),
  answerMs: fc.nat(900),
  fate: fc.constantFrom('ok', 'ok', 'ok', 'lose-request', 'lose-answer', 'lose-ack'),
  duplicateMs: fc.option(fc.nat(90_000), { nil: undefined, freq: 5 }),
  lateMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(90_000)),
});

describe('rules of the token store, tabs that share one storage', () => {
  it('never end a session, whatever is lost, late or repeated', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.array(step, { maxLength: 40 }), (lagMs, steps) => {
        const { row, ended, verdicts, tokenStore } = play(tabsMost, lagMs, steps);
        expect(row.revoked).to.equal(undefined);
        expect(ended).to.deep.equal([]);
        expect(row.gen - 1).to.equal(verdicts.filter((verdict) => verdict === 'rotate').length);
        // The stored token is the live generation, or its parent with the key that replays it.
        expect(tokenStore?.gen).to.be.within(row.gen - 1, row.gen);
      }),
      { numRuns: 400 },
    );
  });
});
