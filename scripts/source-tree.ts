import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from 'typescript/unstable/ast';
import {
  isCallExpression,
  isIdentifier,
  isJsxText,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isRegularExpressionLiteral,
  isStringLiteral,
  isTemplateHead,
  isTemplateMiddle,
  isTemplateTail,
} from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';

/** A TypeScript file, parsed. */
export interface Source {
  readonly name: string;
  readonly text: string;
  readonly nodes: readonly Node[];
}

/** The files of a tree, TypeScript parsed, Markdown as text. */
export interface SourceTree {
  readonly sources: readonly Source[];
  readonly pages: ReadonlyMap<string, string>;
}

function git(...args: readonly string[]): Buffer {
  return execFileSync('git', args, { maxBuffer: 2 ** 28 });
}

const tracked = (root: string) =>
  git('-C', root, 'ls-files', '-co', '--exclude-standard')
    .toString()
    .split('\n')
    .filter((name) => name !== '' && existsSync(join(root, name)));

/** Reads the working tree, or the tree of a revision. */
export function readTree(revision?: string): SourceTree {
  if (revision === undefined) return parseTree(process.cwd(), tracked('.'));
  const root = mkdtempSync(join(tmpdir(), 'measure-'));
  try {
    execFileSync('tar', ['-x', '-C', root], { input: git('archive', revision) });
    const names = git('ls-tree', '-r', '--name-only', revision).toString().split('\n').filter(Boolean);
    return parseTree(root, names);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function parseTree(root: string, names: readonly string[]): SourceTree {
  const pages = names.filter((name) => name.endsWith('.md')).map((name) => [name, read(root, name)] as const);
  const code = names.filter((name) => /\.tsx?$/.test(name));
  return { sources: parse(root, code), pages: new Map(pages) };
}

const read = (root: string, name: string) => readFileSync(join(root, name), 'utf8');

/** Parses without types: no library, no resolution of imports. */
function parse(root: string, names: readonly string[]): Source[] {
  const folder = mkdtempSync(join(tmpdir(), 'parse-'));
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = { noLib: true, noResolve: true, types: [], jsx: 'preserve', noEmit: true };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: names.map((name) => join(root, name)) }));
  const api = new API({ cwd: root });
  try {
    const { program } = api.updateSnapshot({ openProjects: [config] }).getProject(config)!;
    return names.map((name) => {
      const file = program.getSourceFile(join(root, name))!;
      return { name, text: file.text, nodes: descendants(file) };
    });
  } finally {
    api.close();
    rmSync(folder, { recursive: true });
  }
}

function descendants(root: Node): Node[] {
  const found: Node[] = [];
  const visit = (node: Node) => {
    found.push(node);
    node.forEachChild(visit);
  };
  root.forEachChild(visit);
  return found;
}

const isText = (node: Node) =>
  [isStringLiteral, isNoSubstitutionTemplateLiteral, isTemplateHead, isTemplateMiddle, isTemplateTail, isJsxText].some(
    (is) => is(node),
  );

const textOf = (source: Source, node: Node) => source.text.slice(node.getStart(), node.end);

/** Text of the string literals and templates of a file. */
export function stringsOf(source: Source): string[] {
  return source.nodes.filter(isText).map((node) => textOf(source, node));
}

/** Text of the comments of a file. */
export function commentsOf(source: Source): string[] {
  let rest = source.text;
  for (const node of source.nodes.filter((one) => isText(one) || isRegularExpressionLiteral(one)))
    rest = rest.slice(0, node.getStart()) + ' '.repeat(node.end - node.getStart()) + rest.slice(node.end);
  return rest.match(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g) ?? [];
}

/** Titles of a test file: the first argument of `describe` and `it`. */
export function titlesOf(source: Source): string[] {
  return source.nodes
    .filter(isCallExpression)
    .filter(({ expression }) => isTestFunction(expression))
    .flatMap(({ arguments: [title] }) => (title === undefined ? [] : [textOf(source, title)]));
}

function isTestFunction(node: Node): boolean {
  if (isPropertyAccessExpression(node)) return isTestFunction(node.expression);
  return isIdentifier(node) && /^(?:describe|it)$/.test(node.text);
}

/** Prose of a Markdown page: no code blocks, no code in a line, no addresses of links. */
export function proseOf(page: string): string {
  return page
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
    .replaceAll(/\]\([^)]*\)/g, ']');
}
