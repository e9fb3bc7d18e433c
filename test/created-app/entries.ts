import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readPublishedPackages } from '../../scripts/published-packages.ts';

/** Modules that import every entry of the packages: `entries.mts` as an ES module, and `entries.cts` by `require`. */
function writeEntries(folder: string): void {
  const entries = readPublishedPackages().flatMap(({ name, exports = {} }) =>
    Object.entries(exports).flatMap(([path, target]) =>
      typeof target === 'string' ? [] : { name: name + path.slice(1), hasCommonJs: target.require !== undefined },
    ),
  );
  const esModule = entries.map(({ name }, index) => `export * as entry${index} from '${name}';\n`);
  const commonJs = entries
    .filter(({ hasCommonJs }) => hasCommonJs)
    .map(({ name }, index) => `export import entry${index} = require('${name}');\n`);
  writeFileSync(join(folder, 'entries.mts'), esModule.join(''));
  writeFileSync(join(folder, 'entries.cts'), commonJs.join(''));
}

/**
 * Compiles a use of every entry of the packages that a folder has installed, with their declarations, and those that these
 * import. Returns the errors in them. Errors of packages of others are left out.
 */
export async function checkEntries(folder: string, moduleResolution: 'node16' | 'bundler'): Promise<readonly string[]> {
  writeEntries(folder);
  const [module, files] =
    moduleResolution === 'node16' ? ['node16', ['entries.mts', 'entries.cts']] : ['esnext', ['entries.mts']];
  const options = { target: 'es2023', lib: 'es2023,dom', module, moduleResolution, skipLibCheck: 'false' };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const args = ['--ignoreConfig', '--noEmit', '--strict', '--pretty', 'false', ...flags, ...files];
  const output = await new Promise<string>((done) => {
    execFile(resolve('node_modules/.bin/tsc'), args, { cwd: folder }, (_error, stdout, stderr) =>
      done(stdout + stderr),
    );
  });
  const lines = output.split('\n').filter((line) => line !== '');
  return lines.filter((line) => !line.startsWith('node_modules/') || line.startsWith('node_modules/@latchkey/'));
}
