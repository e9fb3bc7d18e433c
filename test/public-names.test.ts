import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const pinned = new URL('./public-names.txt', import.meta.url);
const packages = ['contract', 'core', 'migrations', 'sdk-browser', 'sdk-server', 'service'];

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly '@latchkey/source': string }>>;
}

const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function|class|interface|type|enum) ([\w$]+)/gm;
const list = /^export (?:type )?\{([^}]*)\}/gm;
const all = /^export (?:type )?\* from '([^']+)'/gm;

/** Every name that a module exports, types too: what stands in its text, and in that of modules it passes on. */
function namesOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const declared = [...text.matchAll(declaration)].map(([, name]) => name!);
  const listed = [...text.matchAll(list)].flatMap(([, names]) => names!.split(',').map(lastWord).filter(Boolean));
  const passed = [...text.matchAll(all)].flatMap(([, from]) => namesOf(join(dirname(file), from!)));
  return [...new Set([...declared, ...listed, ...passed])].sort();
}

/** `type A as B` is known as `B`. */
function lastWord(text: string): string {
  return text.trim().split(/\s+/).at(-1)!;
}

function namesOfPackage(directory: string): string[] {
  const { name, exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : namesOf(join(directory, target['@latchkey/source'])).map((one) => `${name}${path.slice(1)} ${one}`),
  );
}

/** Declarations of an entry's names without a comment directly before them. Those of other packages are checked there. */
function undocumentedIn(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const passed = [...text.matchAll(/^export (?:type )?(?:\*|\{([^}]*)\}) from '(\.[^']+)'/gm)].flatMap(
    ([, names, from]) => {
      const inside = undocumentedIn(join(dirname(file), from!));
      const taken = names?.split(',').map(
        (name) =>
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0],
      );
      return taken === undefined ? inside : inside.filter((one) => taken.includes(lastWord(one)));
    },
  );
  const isFirst = ([, name]: RegExpMatchArray, at: number, all: RegExpMatchArray[]) =>
    all.findIndex((one) => one[1] === name) === at;
  // The first of a function's overloads has the comment.
  const declared = [...text.matchAll(declaration)]
    .filter(isFirst)
    .filter(({ index }) => !/\*\/\n(?:\/\/.*\n)*$/.test(text.slice(0, index)));
  return [...declared.map(([, name]) => `${file} ${name}`), ...passed];
}

describe('public names', () => {
  it('have a comment that documents them', () => {
    const sources = packages.flatMap((directory) => {
      const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
      return Object.values(exports).flatMap((target) =>
        typeof target === 'string' ? [] : [join(directory, target['@latchkey/source'])],
      );
    });
    expect([...new Set(sources.flatMap(undocumentedIn))]).to.deep.equal([]);
  });

  it('are those of public-names.txt; UPDATE_NAMES=true rewrites it', () => {
    const found = `${packages.flatMap(namesOfPackage).join('\n')}\n`;
    if (process.env.UPDATE_NAMES === 'true') writeFileSync(pinned, found);
    expect(found.split('\n')).to.deep.equal(readFileSync(pinned, 'utf8').split('\n'));
  });

  it('contain everything that can be imported', async function () {
    this.timeout(60_000);
    for (const directory of packages) {
      const { name, exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
      const names = namesOfPackage(directory);
      for (const path of Object.keys(exports).filter((one) => one !== './package.json')) {
        const module: object = await import(name + path.slice(1));
        expect(names).to.include.members(Object.keys(module).map((one) => `${name}${path.slice(1)} ${one}`));
      }
    }
  });
});
