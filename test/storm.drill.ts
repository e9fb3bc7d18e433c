import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { runStorm, type StormReport } from './storm/storm.ts';

/** STORM_SECONDS and STORM_SEED: `npm run test:storm` takes the full minute. */
const seconds = Number(process.env.STORM_SECONDS ?? 9);
const seed = Number(process.env.STORM_SEED ?? randomInt(2 ** 31));
const everyMs = seconds < 30 ? 3_000 : 6_000;
const browsers = 50;
const tabsPerBrowser = 3;
const tabs = browsers * tabsPerBrowser;

describe(`a storm of ${seconds} s over ${tabs} tabs (STORM_SEED=${seed})`, () => {
  let report: StormReport;
  before(async function () {
    this.timeout(90_000 + seconds * 1_000);
    report = await runStorm({ seed, seconds, browsers, tabsPerBrowser, everyMs, lostShare: 0.2, duplicateShare: 0.05 });
    const { facts, history, orphaned } = report;
    console.log(`      ${JSON.stringify({ ...history.tally, orphaned, rotations: facts.rotations })}`);
  });

  it('contains lost answers, repeated credentials, and a killed process', () => {
    const { shown = 0, answers = 0, duplicates = 0, ...tally } = report.history.tally;
    const lost = (tally['lost with the line'] ?? 0) + (tally['lost silently'] ?? 0);
    expect(lost / answers, 'share of lost answers').to.be.within(0.12, 0.28);
    expect(duplicates / shown, 'share of duplicates').to.be.within(0.01, 0.1);
    expect(report.orphaned, 'tabs of the killed process').to.be.above(0);
    expect(report.facts.rotations).to.be.above(tabs);
  });

  it('keeps every session alive, and opens no other', () => {
    expect(report.facts.sessions).to.equal(browsers);
    expect(report.facts.alive).to.equal(browsers);
  });

  it('requires no sign-in', () => {
    expect(report.history.falls()).to.deep.equal([]);
    expect(report.history.unforgivable()).to.deep.equal([]);
  });

  it('reconnects every tab by itself, with the newest token in every storage', () => {
    expect(report.stranded).to.deep.equal([]);
    expect(report.astray).to.deep.equal([]);
  });

  it('rotates each generation once, without a gap, as often as committed', () => {
    const { facts, history } = report;
    expect(history.broken()).to.deep.equal([]);
    expect(facts.generations).to.equal(facts.rotations);
    expect(history.successors()).to.equal(facts.rotations);
  });
});
