import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';

/** Nothing of ours imports these modules: users of the packages do, a page without a bundler, and mocha. */
const entries: ReadonlySet<string> = new Set([
  ...['contract', 'core', 'migrations', 'sdk-browser', 'sdk-server', 'service'].flatMap(sourcesOf),
  'sdk-browser/src/script.ts',
  ...(JSON.parse(readFileSync('.mocharc.json', 'utf8')).require as string[]).map(normalize),
]);

/** Source of each entry that a package's manifest names. */
function sourcesOf(directory: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return Object.values<string | { '@latchkey/source': string }>(exports).flatMap((target) =>
    typeof target === 'string' ? [] : [join(directory, target['@latchkey/source'])],
  );
}

const texts = new Map(
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.ts', '*.tsx'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(file))
    .map((file) => [file, readFileSync(file, 'utf8')]),
);

const declaration = /^export (?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) ([\w$]+)/gm;
const statement =
  /^(?:import|export)\s+(?:type\s+)?(?:[\w$]+,?\s*)?(?:\*(?: as (\w+))?|\{([^}]*)\})?\s*from '(\.[^']+)'/gm;
const dynamic = /\bimport\('(\.[^']+)'\)/g;

/** Calls `use` with each module that a file imports, and each name that it takes of it; `*`: all. */
function readImports(file: string, text: string, use: (module: string, name: string) => void): void {
  const module = (to: string) => normalize(join(dirname(file), to));
  for (const [, to] of text.matchAll(dynamic)) use(module(to!), '*');
  for (const [found, namespace, names, to] of text.matchAll(statement)) {
    for (const name of names?.split(',') ?? [])
      use(
        module(to!),
        name
          .trim()
          .replace(/^type /, '')
          .split(' as ')[0]!,
      );
    if (found.includes('*')) for (const name of namesOf(namespace, text)) use(module(to!), name);
  }
}

/** What a file takes of a namespace that it imports. Handed on whole, it may be anything. */
function namesOf(namespace: string | undefined, text: string): string[] {
  const uses = [...text.matchAll(new RegExp(`(?<!\\* as )\\b${namespace}\\b(?:\\.(\\w+)|(?= *[,;)}\\n]))`, 'g'))];
  return namespace === undefined ? ['*'] : uses.map(([, name]) => name ?? '*');
}

/** Exports by file, with the names that no other file imports. */
function unusedExports(): string[] {
  const used = new Set<string>();
  for (const [file, text] of texts) readImports(file, text, (module, name) => used.add(`${module} ${name}`));
  const files = [...texts].filter(([file]) => !entries.has(file) && !/\.test(-d)?\.ts$/.test(file));
  return files
    .filter(([file]) => !used.has(`${file} *`))
    .flatMap(([file, text]) => [...text.matchAll(declaration)].map(([, name]) => `${file} ${name}`))
    .filter((one) => !used.has(one));
}

/** The browser's own, because sdk-browser imports no package that needs Node, and `createSession` of both its entries. */
const browserNames = new Set(['createSession', 'fail', 'openSession', 'singleFlight', 'toBase64url', 'toFailure']);

/**
 * A verb of the service may have one function in each of these layers, such as the flow `login` and its endpoint. Each
 * migration has the name that the migrator calls, and each language that of its words.
 */
const layers: readonly RegExp[] = [
  /^service\/src\/(flow\/(?:admin|backend))\//,
  /^service\/src\/(cli|domain|flow|http)\//,
  /^(migrations\/src\/\d+)/,
  /^(service\/pages\/src\/words\/languages\/.+)\.ts$/,
];

const layerOf = (file: string) => layers.map((layer) => layer.exec(file)?.[1]).find((layer) => layer !== undefined);

/** Exported names of the sources that two files declare, in one layer or as another thing than a function. */
function repeatedNames(): string[] {
  const declared = new Map<string, string[]>();
  for (const [file, text] of texts) {
    if (!/^(?!examples\/|create-latchkey\/template\/).*\bsrc\//.test(file)) continue;
    const names = new Set([...text.matchAll(declaration)].map(([, name]) => name!));
    for (const name of names) declared.set(name, [...(declared.get(name) ?? []), file]);
  }
  return [...declared].filter(([name, files]) => isRepeated(name, files)).map(([name, files]) => `${name}: ${files}`);
}

function isRepeated(name: string, files: readonly string[]): boolean {
  const others = browserNames.has(name) ? files.filter((file) => !file.startsWith('sdk-browser/')) : files;
  const inLayers = others.map(layerOf);
  const isVerb = /^[a-z]/.test(name) && !inLayers.includes(undefined);
  return others.length > 1 && !(isVerb && new Set(inLayers).size === others.length);
}

describe('exports', () => {
  it('have a name that no other file exports, but for verbs of several layers', () => {
    expect(repeatedNames()).to.deep.equal([]);
  });

  it('are imported by another file, or are those of an entry', () => {
    expect(unusedExports()).to.deep.equal([]);
  });
});
