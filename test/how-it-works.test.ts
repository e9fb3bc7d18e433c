import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

interface Station {
  readonly file: string;
  readonly name: string;
}

const page = readFileSync('docs/why/how-it-works.md', 'utf8');
const walks = page
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ title: text.slice(0, text.indexOf('\n')), stations: stationsOf(text) }));

function stationsOf(text: string): Station[] {
  const rows = text.matchAll(/^\| \[([^\]]+)\]\(\.\.\/\.\.\/([^)]+)\) \| `(\w+)` \|/gm);
  return [...rows].map(([, label, file, name]) => ({
    file: label === file ? file! : `${label} is not ${file}`,
    name: name!,
  }));
}

/** True for a function, a constant, a method or a member of that name. */
function declares({ file, name }: Station): boolean {
  if (!existsSync(file)) return false;
  return new RegExp(`(?:(?:function\\*?|const) |^ +(?:async )?)${name}\\b(?=[(<:,]| =|$)`, 'm').test(
    readFileSync(file, 'utf8'),
  );
}

const packageOf = ({ file }: Station) => file.slice(0, file.indexOf('/src/'));

/** Packages that a walk enters more than twice. */
function repeatedReturns(stations: readonly Station[]): string[] {
  const entered = stations.map(packageOf).filter((name, index, all) => name !== all[index - 1]);
  return [...new Set(entered)].filter((name) => entered.filter((one) => one === name).length > 2);
}

describe('docs/why/how-it-works.md', () => {
  it('has four walks of several stations', () => {
    expect(walks.map(({ stations }) => stations.length >= 9)).to.deep.equal([true, true, true, true]);
  });

  for (const { title, stations } of walks) {
    it(`cites files and functions that exist: ${title}`, () => {
      expect(stations.filter((station) => !declares(station))).to.deep.equal([]);
    });

    it(`returns at most once into a package that it has left: ${title}`, () => {
      expect(repeatedReturns(stations)).to.deep.equal([]);
    });
  }

  it('finds a station that does not exist, and a second return', () => {
    expect(declares({ file: 'core/src/authority.ts', name: 'none' })).to.equal(false);
    const stations = ['a', 'b', 'a', 'b', 'a'].map((name) => ({ file: `${name}/src/x.ts`, name: 'x' }));
    expect(repeatedReturns(stations)).to.deep.equal(['a']);
  });
});
