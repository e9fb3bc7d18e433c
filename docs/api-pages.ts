import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, type ProjectReflection, type TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { httpOperationsPage, socketEventsPage } from './document-pages.ts';

// Writes docs/reference/api, a page for each entry point of the SDKs, from the doc comments, and the pages of the HTTP operations
// and the socket events, from the documents beside them.

const root = join(import.meta.dirname, '..');

/** The condition of `exports` that names the source of an entry point. */
const condition = '@latchkey/source';

/** Entry points of the SDKs by the folder of their package and the name of the export, with their source. */
function entryPoints(): Record<string, string> {
  const packages = ['sdk-browser', 'sdk-server'];
  return Object.fromEntries(packages.flatMap((folder) => entriesOf(folder).map(([name, source]) => [name, source])));
}

function entriesOf(folder: string): [name: string, source: string][] {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.entries<{ [condition]?: string }>(manifest.exports)
    .filter(([name, conditions]) => conditions[condition] !== undefined && name !== './internal')
    .map(([name, conditions]) => [join(folder, name), join(root, folder, conditions[condition]!)]);
}

/** Names each module as an app imports it, in place of the path of its file. */
function nameModules(project: ProjectReflection, entries: Readonly<Record<string, string>>): void {
  for (const [name, source] of Object.entries(entries)) {
    const path = source.slice(root.length + 1).replace(/(?:\/index)?\.ts$/, '');
    const module = project.getChildByName([path]);
    if (module === undefined) throw new Error(`typedoc found no module ${path}`);
    module.name = name;
  }
}

async function writeApiPages(): Promise<void> {
  const entries = entryPoints();
  const options: TypeDocOptions & Partial<PluginOptions> = {
    plugin: ['typedoc-plugin-markdown'],
    router: 'module',
    entryPoints: Object.values(entries),
    basePath: root,
    out: join(root, 'docs/reference/api'),
    tsconfig: join(root, 'docs/tsconfig.json'),
    readme: 'none',
    name: 'API of the SDKs',
    entryFileName: 'index',
    skipErrorChecking: true,
    disableSources: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    treatWarningsAsErrors: true,
  };
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (project === undefined) throw new Error('typedoc could not read the SDKs');
  nameModules(project, entries);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
}

function writeDocumentPages(): void {
  const reference = join(root, 'docs/reference');
  const read = (name: string) => JSON.parse(readFileSync(join(reference, name), 'utf8'));
  writeFileSync(join(reference, 'http-operations.md'), httpOperationsPage(read('openapi.json')));
  writeFileSync(join(reference, 'socket-events.md'), socketEventsPage(read('asyncapi.json')));
}

writeDocumentPages();
await writeApiPages();
