import { expect } from 'chai';
import fc from 'fast-check';
import { createMemoryStorage } from '../src/tokens/storage-adapter.ts';
import { claimsOf, newRow, type Outcome, type Row, tokenOf } from './harness/verdicts.ts';
import { installChannels } from './harness/virtual-channel.ts';
import { createVirtualService } from './harness/virtual-service.ts';
import { createVirtualTab, type VirtualTab } from './harness/virtual-tab.ts';
import { createWorld } from './harness/virtual-world.ts';

const moves = ['open', 'open', 'crash', 'freeze', 'thaw', 'hide', 'show', 'refresh', 'restart'] as const;

interface Step {
  readonly tab: number;
  readonly afterMs: number;
  readonly move: (typeof moves)[number];
}

interface Scenario {
  readonly seed: number;
  readonly tabs: number;
  readonly lagMs: number;
  readonly mostDelayMs: number;
  readonly lossShare: number;
  readonly duplicateShare: number;
  readonly lateShare: number;
  readonly hasChannels: boolean;
  readonly steps: readonly Step[];
}

interface End {
  readonly row: Row;
  readonly verdicts: readonly Outcome[];
  /** Ends of the session that pages were notified of. */
  readonly ended: readonly string[];
  readonly states: readonly (string | undefined)[];
  readonly stored: { readonly sid: string; readonly gen: number };
}

const tokenEntry = 'latchkey:id.example.com:token';
const calmMs = 300_000;

/** Small and fast, with a period of 2^32 (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function play(scenario: Scenario): Promise<End> {
  const random = createRandom(scenario.seed);
  const world = createWorld();
  const row = newRow('s1', 'AAAAAAAAAAAAAAAAAAAAAA', 0);
  const storage = createMemoryStorage();
  storage.setItem(tokenEntry, tokenOf(row));
  const service = createVirtualService(world, row, { ...scenario, random });
  const removeChannels = installChannels(
    world,
    () => Math.floor(random() * scenario.mostDelayMs),
    scenario.hasChannels,
  );
  const ended: string[] = [];
  const needs = { world, service, storage, lagMs: scenario.lagMs, random, ended };
  const tabs = Array.from({ length: scenario.tabs }, () => createVirtualTab(needs));
  try {
    let at = 0;
    for (const step of scenario.steps) {
      at += step.afterMs;
      world.at(at, () => make(step.move, tabs[step.tab % tabs.length]!, service));
    }
    world.at(at, () => {
      service.calm();
      for (const tab of tabs) calmDown(tab);
    });
    await world.runUntil(at + calmMs);
    const states = tabs.map(({ session }) => session?.state.status);
    const stored = claimsOf(storage.getItem(tokenEntry) ?? tokenOf({ sid: '', gen: 0, tag: '' }));
    return { row, verdicts: service.verdicts, ended, states, stored };
  } finally {
    for (const tab of tabs) tab.session?.close();
    removeChannels();
  }
}

function make(move: Step['move'], tab: VirtualTab, service: { restart(): void }): void {
  if (move === 'restart') service.restart();
  else if (move === 'refresh') tab.session?.refresh().catch(() => {});
  else if (move === 'hide' || move === 'show') tab.hide(move === 'hide');
  else tab[move]();
}

function calmDown(tab: VirtualTab): void {
  tab.hide(false);
  tab.thaw();
  if (tab.session === undefined) tab.open();
}

const step = fc.record<Step>({
  tab: fc.nat(5),
  afterMs: fc.oneof(fc.nat(30), fc.nat(1_500), fc.nat(20_000), fc.nat(400_000)),
  move: fc.constantFrom(...moves),
});

const scenarios = fc.record<Scenario>({
  seed: fc.nat(),
  tabs: fc.integer({ min: 2, max: 6 }),
  lagMs: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(1_000)),
  mostDelayMs: fc.oneof(fc.nat(20), fc.nat(2_000)),
  lossShare: fc.constantFrom(0, 0.05, 0.2, 0.4),
  duplicateShare: fc.constantFrom(0, 0.1),
  lateShare: fc.constantFrom(0, 0.1, 0.3),
  hasChannels: fc.boolean(),
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
});

/** A page froze while it was answered, and found the answer when three others were at the token before it. */
const thawed: Scenario = {
  seed: 1_325_515_581,
  tabs: 4,
  lagMs: 2,
  mostDelayMs: 5,
  lossShare: 0,
  duplicateShare: 0,
  lateShare: 0,
  hasChannels: false,
  steps: [
    { tab: 0, afterMs: 0, move: 'open' },
    { tab: 0, afterMs: 6, move: 'freeze' },
    { tab: 0, afterMs: 59_989, move: 'restart' },
    { tab: 0, afterMs: 7, move: 'thaw' },
  ],
};

/** Two tabs wrote at once and the older token was kept. The tab with the newer one got no event, and others presented the older. */
const overwritten: Scenario = {
  seed: 1_192_310_858,
  tabs: 3,
  lagMs: 21,
  mostDelayMs: 11,
  lossShare: 0.4,
  duplicateShare: 0,
  lateShare: 0,
  hasChannels: false,
  steps: [
    { tab: 5, afterMs: 0, move: 'open' },
    { tab: 0, afterMs: 5_768, move: 'open' },
    { tab: 5, afterMs: 0, move: 'freeze' },
    { tab: 0, afterMs: 6, move: 'freeze' },
    { tab: 0, afterMs: 0, move: 'hide' },
    { tab: 0, afterMs: 0, move: 'refresh' },
    { tab: 0, afterMs: 0, move: 'freeze' },
    { tab: 2, afterMs: 6_013, move: 'refresh' },
    { tab: 0, afterMs: 403, move: 'open' },
  ],
};

const harmful: readonly Outcome[] = ['reuse', 'unknown', 'key_reused', 'revoked'];
/** Long form: TAB_STORIES=20000; once more: TAB_SEED=… of the report. */
const { TAB_STORIES: runs = '150', TAB_SEED } = process.env;
const seed = TAB_SEED === undefined ? Date.now() % 2 ** 31 : Number(TAB_SEED);

describe(`tabs of one browser, ${runs} scenarios of seed ${seed}`, function () {
  this.timeout(Number(runs) * 200 + 20_000);

  it('keep one live session and stay signed in, whatever is lost, late, repeated, throttled, frozen or killed', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const { row, verdicts, ended, states, stored } = await play(scenario);
        expect(verdicts.filter((verdict) => harmful.includes(verdict))).to.deep.equal([]);
        expect([row.revoked, ended]).to.deep.equal([undefined, []]);
        // The next refresh or rotation may just be on its way.
        for (const state of states) expect(state).to.be.oneOf(['active', 'refreshing']);
        expect(stored.sid).to.equal(row.sid);
        expect(stored.gen).to.be.within(row.gen - 1, row.gen);
        expect(row.gen - 1).to.equal(verdicts.filter((verdict) => verdict === 'rotate').length);
        for (const verdict of verdicts) seen.add(verdict);
      }),
      { numRuns: Number(runs), seed, examples: [[thawed], [overwritten]] },
    );
    // Rarer ones, such as `superseded`, are not met by every seed.
    expect(seen).to.include.keys('rotate', 'replay', 'contended', 'late');
  });
});
