import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** A Chromium with the libraries and fonts that a minimal Linux lacks. */
interface ChromiumFiles {
  readonly binary: string;
  readonly libraries: string;
  readonly fonts: string;
}

const archives = ['chromium.br', 'fonts.tar.br', 'al2023.tar.br'];

/**
 * Unpacks the package once a version into a folder named after that version. The package's own `executablePath()`
 * would take whatever `chromium` it finds in the temporary folder, an older one or one that is half written.
 */
export async function unpackChromium(): Promise<ChromiumFiles> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const packageFolder = entry.slice(0, entry.lastIndexOf(join('chromium', 'build')) + 'chromium'.length);
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const folder = join(tmpdir(), `latchkey-chromium-${version}-${process.getuid?.() ?? 0}`);
  const binary = join(folder, 'chromium');
  if (!existsSync(binary)) await unpackInto(folder, packageFolder);
  return {
    binary,
    libraries: join(folder, 'al2023', 'lib'),
    fonts: join(folder, 'fonts'),
  };
}

/** The package's own file names folders of the machine it was made for; without a font Chromium dies at an input. */
function fontsIn(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${folder}</dir><cachedir>${folder}/cache</cachedir></fontconfig>
`;
}

/** Complete or not there: unpacked beside it by a process whose temporary folder it is, then renamed. */
async function unpackInto(folder: string, packageFolder: string): Promise<void> {
  const staging = mkdtempSync(join(dirname(folder), 'latchkey-unpacking-'));
  const module = pathToFileURL(join(packageFolder, 'build', 'esm', 'index.mjs')).href;
  const files = JSON.stringify(archives.map((name) => join(packageFolder, 'bin', name)));
  const script = `import { inflate } from ${JSON.stringify(module)}; await Promise.all(${files}.map((file) => inflate(file)));`;
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: process.env.PATH ?? '', TMPDIR: staging },
    });
    writeFileSync(join(staging, 'fonts', 'fonts.conf'), fontsIn(join(folder, 'fonts')));
    // A browser whose files were removed under it leaves a folder with nothing but its cache of fonts.
    if (!existsSync(join(folder, 'chromium'))) rmSync(folder, { recursive: true, force: true });
    renameSync(staging, folder);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(join(folder, 'chromium'))) throw error;
  }
}
