import { dirname, join, normalize } from 'node:path';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  isArrowFunction,
  isAsExpression,
  isBlock,
  isConstructorDeclaration,
  isExportDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isImportDeclaration,
  isMethodDeclaration,
  isStringLiteral,
} from 'typescript/unstable/ast/is';
import { countBanned } from './banned-words.ts';
import { commentsOf, proseOf, readTree, type Source, type SourceTree, stringsOf, titlesOf } from './source-tree.ts';

/** Numbers by their names, in the order in which they are printed. */
type Measures = Readonly<Record<string, number>>;

const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) ([\w$]+)/gm;
const suppression = /@ts-(?:ignore|expect-error|nocheck)|biome-ignore/g;
const windowLines = 6;

/** Measures the code and the prose of a tree. */
function measure(tree: SourceTree): Measures {
  const sources = tree.sources.filter(({ name }) => /(?:^|\/)src\//.test(name) && !name.startsWith('examples/'));
  const functions = sources.flatMap(functionLines);
  const lines = sources.map(({ text }) => text.split('\n').length - 1);
  return {
    ...packageMeasures(sources),
    ...spread('lines of a file', lines),
    functions: functions.length,
    ...spread('lines of a function', functions),
    'lines in repeated blocks of six': repeatedLines(sources),
    'names exported by two files': repeatedNames(sources),
    'files in import circles': circularFiles(sources),
    any: countKind(sources, SyntaxKind.AnyKeyword),
    '`as` but `as const`': countAssertions(sources),
    'suppressed diagnostics': countIn(
      sources.map(({ text }) => text),
      suppression,
    ),
    ...prose('src, comments', sources.flatMap(commentsOf)),
    ...prose('src, strings', sources.flatMap(stringsOf)),
    ...prose(
      'titles of tests',
      tree.sources.filter(({ name }) => /\.(?:test|drill)\.ts$/.test(name)).flatMap(titlesOf),
    ),
    ...prose(
      'pages',
      [...tree.pages].filter(([name]) => !/CHANGELOG|^\.changeset/.test(name)).map(([, text]) => proseOf(text)),
    ),
  };
}

const packageOf = (name: string) => name.slice(0, name.indexOf('/src/'));

function packageMeasures(sources: readonly Source[]): Measures {
  const packages = [...new Set(sources.map(({ name }) => packageOf(name)))];
  const rows = packages.flatMap((name) =>
    countsOf(
      name,
      sources.filter((one) => packageOf(one.name) === name),
    ),
  );
  return Object.fromEntries([...rows, ...countsOf('all', sources)]);
}

function countsOf(name: string, sources: readonly Source[]): [string, number][] {
  return [
    [`${name}: exported names`, sources.reduce((sum, source) => sum + exportsOf(source).length, 0)],
    [`${name}: files`, sources.length],
    [`${name}: lines`, sources.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0)],
  ];
}

const exportsOf = ({ text }: Source) => [...new Set([...text.matchAll(declaration)].map(([, name]) => name!))];

function repeatedNames(sources: readonly Source[]): number {
  const names = sources.flatMap(exportsOf);
  return new Set(names.filter((name, index) => names.indexOf(name) !== index)).size;
}

function spread(name: string, numbers: readonly number[]): Measures {
  const sorted = [...numbers].sort((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { [`${name}, median`]: quantile(0.5), [`${name}, 90 %`]: quantile(0.9), [`${name}, most`]: quantile(1) };
}

const isFunction = (node: Node) =>
  [
    isFunctionDeclaration,
    isMethodDeclaration,
    isConstructorDeclaration,
    isGetAccessorDeclaration,
    isFunctionExpression,
  ].some((is) => is(node)) ||
  (isArrowFunction(node) && isBlock(node.body));

/** Lines of each function with a block, from its first word to its last brace. */
function functionLines({ text, nodes }: Source): number[] {
  return nodes.filter(isFunction).map((node) => text.slice(node.getStart(), node.end).split('\n').length);
}

/** Lines that belong to a run of six that occurs elsewhere too; imports, comments and blank lines do not count. */
function repeatedLines(sources: readonly Source[]): number {
  const windows = sources.flatMap(({ name, text }) => windowsOf(name, text));
  const seen = new Map<string, number>();
  for (const { key } of windows) seen.set(key, (seen.get(key) ?? 0) + 1);
  const repeated = windows.filter(({ key }) => seen.get(key)! > 1);
  return new Set(repeated.flatMap(({ name, at }) => Array.from({ length: windowLines }, (_, i) => `${name}:${at + i}`)))
    .size;
}

function windowsOf(name: string, text: string): { name: string; at: number; key: string }[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^(?:import|export) [^;]*? from '[^']+';$/gm, '');
  const lines = code.split('\n').map((line) => line.trim());
  const kept = lines.filter((line) => line !== '' && !line.startsWith('//'));
  return kept
    .slice(0, Math.max(0, kept.length - windowLines + 1))
    .map((_, at) => ({ name, at, key: kept.slice(at, at + windowLines).join('\n') }));
}

/** Files that import each other, types too. */
function circularFiles(sources: readonly Source[]): number {
  const targets = new Map(sources.map((source) => [source.name, importsOf(source)]));
  return sources.filter(({ name }) => reaches(targets, name, name)).length;
}

function importsOf({ name, nodes }: Source): string[] {
  return nodes
    .filter((node) => isImportDeclaration(node) || isExportDeclaration(node))
    .map(({ moduleSpecifier }) => moduleSpecifier)
    .filter((module) => module !== undefined && isStringLiteral(module))
    .map((module) => normalize(join(dirname(name), module.text)));
}

function reaches(targets: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [...(targets.get(from) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === to) return true;
    if (!seen.has(next)) open.push(...(targets.get(next) ?? []));
    seen.add(next);
  }
  return false;
}

function countKind(sources: readonly Source[], kind: SyntaxKind): number {
  return sources.flatMap(({ nodes }) => nodes).filter((node) => node.kind === kind).length;
}

function countAssertions(sources: readonly Source[]): number {
  return sources
    .flatMap(({ text, nodes }) => nodes.filter(isAsExpression).map(({ type }) => text.slice(type.getStart(), type.end)))
    .filter((type) => type !== 'const').length;
}

function countIn(texts: readonly string[], pattern: RegExp): number {
  return texts.reduce((sum, text) => sum + (text.match(pattern)?.length ?? 0), 0);
}

function prose(name: string, texts: readonly string[]): Measures {
  const counts = Object.entries(countBanned(texts)).map(([word, count]) => [`${name}: ${word}`, count] as const);
  return {
    [`${name}: banned words`]: counts.reduce((sum, [, count]) => sum + count, 0),
    ...Object.fromEntries(counts),
  };
}

/** Prints one column for each tree. */
function print(columns: readonly (readonly [string, Measures])[]): void {
  const names = [...new Set(columns.flatMap(([, measures]) => Object.keys(measures)))];
  const width = Math.max(...names.map((name) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(12))].join('');
  console.log(
    line(
      '',
      columns.map(([title]) => title.slice(0, 10)),
    ),
  );
  for (const name of names)
    console.log(
      line(
        name,
        columns.map(([, measures]) => String(measures[name] ?? 0)),
      ),
    );
}

const [revision] = process.argv.slice(2);
const before = revision === undefined ? [] : [[revision, measure(readTree(revision))] as const];
print([...before, ['now', measure(readTree())]]);
