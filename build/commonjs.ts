import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Lets CommonJS use the packages: beside each entry a module that requires it (Node loads ES modules by `require`), and beside
 * each declaration the same one for CommonJS. Each package has one instance, also when both kinds of modules load it.
 */
const packages = ['contract', 'core', 'sdk-browser', 'sdk-server'];

/** Types of a package that has none for CommonJS. */
const esmOnly = /^import (?:type )?\{ (.*) \} from 'jose';$/gm;
const relative = /((?:from|import) ?\(?)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly default: string } }>>;
}

function entriesOf(folder: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  return Object.values(exports).flatMap((target) => (typeof target === 'string' ? [] : [target.import.default]));
}

function declarationsOf(folder: string): string[] {
  const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.d.ts')).map((file) => join(folder, 'dist', file));
}

/** The declarations of an ES module as those of a CommonJS module. */
function toCommonJs(declarations: string): string {
  return declarations.replaceAll(relative, '$1$2$3.cts$2').replaceAll(esmOnly, (_, names: string) => {
    return `import type { ${names.replaceAll('type ', '')} } from 'jose' with { 'resolution-mode': 'import' };`;
  });
}

/**
 * A CommonJS module that is the ES module of this file. The second statement never runs: Node reads in it which names an ES
 * module may import from the CommonJS module.
 */
async function requiringModule(file: string): Promise<string> {
  const names = Object.keys(await import(pathToFileURL(file).href)).filter((name) => name !== 'default');
  return `module.exports = require('./${basename(file)}');\n0 && (module.exports = { ${names.join(', ')} });\n`;
}

for (const folder of packages) {
  for (const file of declarationsOf(folder))
    writeFileSync(file.replace(/\.d\.ts$/, '.d.cts'), toCommonJs(readFileSync(file, 'utf8')));
  for (const entry of entriesOf(folder)) {
    writeFileSync(join(folder, entry.replace(/\.js$/, '.cjs')), await requiringModule(join(folder, entry)));
  }
}
