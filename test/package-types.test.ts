import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { readPublishedPackages } from '../scripts/published-packages.ts';

const comment = /\/\*[\s\S]*?\*\//g;
const specifier = /(?:\bfrom\s+|\bimport\(|^import\s+)(['"])([^.'"][^'"]*)\1/gm;

/** Packages that the declarations in `dist` import, with `node` for modules of Node. */
function importedPackages(folder: string): string[] {
  const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => /\.d\.c?ts$/.test(file))
    .map((file) => readFileSync(join(folder, 'dist', file), 'utf8').replaceAll(comment, ''));
  expect(texts).to.have.length.above(0);
  const specifiers = texts.flatMap((text) => [...text.matchAll(specifier)].map(([, , name]) => name!));
  return [...new Set(specifiers.map(packageOf))].sort();
}

function packageOf(name: string): string {
  if (isBuiltin(name)) return 'node';
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The package that has the types of another one: itself, or that of DefinitelyTyped, which this repository compiles with. */
function typesOf(name: string): string {
  const types = `@types/${name.replace('@', '').replace('/', '__')}`;
  return existsSync(join('node_modules', types)) ? types : name;
}

describe('declarations of a published package', () => {
  for (const { folder, name, exports, dependencies = {}, peerDependencies = {} } of readPublishedPackages()) {
    if (exports === undefined) continue;
    it(`import only what ${name} brings, or names as a peer`, () => {
      const imported = importedPackages(folder).filter((one) => one !== name);
      const missing = imported.map(typesOf).filter((one) => !(one in dependencies) && !(one in peerDependencies));
      expect(missing).to.deep.equal([]);
    });
  }
});
