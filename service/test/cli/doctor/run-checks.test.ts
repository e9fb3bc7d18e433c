import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { checks } from '../../../src/cli/doctor/checks.ts';
import { failed, ok, warning } from '../../../src/cli/doctor/finding.ts';
import { formatFinding } from '../../../src/cli/doctor/format-finding.ts';
import { type Check, runChecks } from '../../../src/cli/doctor/run-checks.ts';

const check = (name: string, row: Partial<Check<undefined>> = {}): Check<undefined> => ({
  name,
  run: async () => ok('good'),
  ...row,
});

async function outcomesOf(...rows: readonly Check<undefined>[]): Promise<readonly string[]> {
  return (await runChecks(rows, undefined)).map((finding) => `${finding.check} ${finding.outcome}`);
}

describe('the checks of doctor', () => {
  it('are skipped when one that they need failed, directly or by another one', async () => {
    const bad = check('a', { run: async () => failed('bad', 'repair it') });
    expect(await outcomesOf(bad, check('b', { needs: ['a'] }), check('c', { needs: ['b'] }), check('d'))).eql([
      ...['a failed', 'b skipped', 'c skipped', 'd ok'],
    ]);
  });

  it('are made when one that they need has a warning, or does not apply', async () => {
    const late = check('a', { run: async () => warning('late', 'hurry') });
    const other = check('b', { skip: () => 'of another kind' });
    expect(await outcomesOf(late, other, check('c', { needs: ['a', 'b'] }))).eql(['a warning', 'b skipped', 'c ok']);
  });

  it('fail when they throw, without the password of a URL', async () => {
    const broken = check('a', {
      run: async () => {
        throw new Error('cannot reach postgres://ann:pass-phrase@db/app');
      },
    });
    const [finding] = await runChecks([broken], undefined);
    expect(finding).include({ outcome: 'failed' });
    expect(finding!.message).contain('cannot reach').and.not.contain('pass-phrase');
  });

  it('name the cause when a host with several addresses cannot be reached', async () => {
    const error = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    const [finding] = await runChecks([check('a', { run: () => Promise.reject(error) })], undefined);
    expect(finding!.message).contain('nothing listens at its address (ECONNREFUSED)');
  });

  it('are reported one by one', async () => {
    const reported: string[] = [];
    await runChecks([check('a'), check('b')], undefined, (finding) => reported.push(finding.check));
    expect(reported).eql(['a', 'b']);
  });

  it('are printed as a line with the remedy below', () => {
    expect(formatFinding({ check: 'host', ...warning('it differs', 'correct it') })).equal(
      'warning  host         it differs\n                      → correct it\n',
    );
  });

  it('need only checks that are made before them', () => {
    for (const [index, { needs = [] }] of checks.entries())
      expect(checks.slice(0, index).map(({ name }) => name)).include.members([...needs]);
  });

  it('have a row each in docs/run/doctor.md', () => {
    const rows = [...readFileSync('docs/run/doctor.md', 'utf8').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(rows).eql(['settings', ...checks.map(({ name }) => name)]);
  });
});
