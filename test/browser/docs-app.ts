import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { compile } from 'svelte/compiler';
import { compileScript, parse } from 'vue/compiler-sfc';
import { buildScriptFile } from './bundle-sdk.ts';
import { readDocsCode } from './docs-code.ts';

/** The pages of docs/build/browser, built as their frameworks want it, and the app's server beside them. */
export interface DocsApp {
  /** The server's program, to be run with `BACKEND_ID` and `BACKEND_SECRET`. */
  readonly server: string;
  /** Pages by name. */
  readonly pages: Readonly<Record<DocsPage, { readonly html: string; readonly script: string }>>;
  remove(): Promise<void>;
}

export const docsPages = ['plain', 'script', 'react', 'vue', 'svelte'] as const;
export type DocsPage = (typeof docsPages)[number];

/** Where the service and the app are, in place of the addresses in the docs. */
interface Addresses {
  readonly service: string;
  readonly app: string;
  readonly port: number;
}

/** What the docs leave to the reader: a component is mounted when the session was taken up. `leave` unmounts it, `listeners` is how many the store has. */
const starts: Partial<Record<DocsPage, string>> = {
  vue: `
    import { createApp } from 'vue';
    import App from './App.vue';
    import { session, start } from './session';
    await start();
    const app = createApp(App);
    app.mount(document.querySelector('main'));
    Object.assign(globalThis, { session, leave: () => app.unmount() });`,
  svelte: `
    import { mount, unmount } from 'svelte';
    import App from './App.svelte';
    import { current, session, start } from './session';
    const { subscribe } = current;
    let listeners = 0;
    current.subscribe = (run) => {
      const remove = subscribe(run);
      listeners += 1;
      return () => { listeners -= 1; remove(); };
    };
    await start();
    const app = mount(App, { target: document.querySelector('main') });
    Object.assign(globalThis, { session, leave: () => unmount(app), listeners: () => listeners });`,
};

const icon = '<link rel="icon" href="data:,">';
const entries = { plain: 'plain/main.ts', react: 'react/main.tsx', vue: 'vue/start.ts', svelte: 'svelte/start.ts' };

/** Vue's and Svelte's own compilers; what they complain of is an error here. */
const components: Plugin = {
  name: 'components',
  setup(bundler) {
    bundler.onLoad({ filter: /\.vue$/ }, async ({ path: filename }) => {
      const { descriptor, errors } = parse(await readFile(filename, 'utf8'), { filename });
      if (errors.length > 0) throw errors[0];
      const { content } = compileScript(descriptor, { id: basename(filename), inlineTemplate: true });
      return { contents: content, loader: 'ts' };
    });
    bundler.onLoad({ filter: /\.svelte$/ }, async ({ path: filename }) => {
      const { js, warnings } = compile(await readFile(filename, 'utf8'), { filename });
      return { contents: js.code, warnings: warnings.map(({ message }) => ({ text: message })) };
    });
  },
};

async function bundle(folder: string, entry: string): Promise<string> {
  const { outputFiles, warnings } = await build({
    entryPoints: [join(folder, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    conditions: ['@latchkey/source'],
    plugins: [components],
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  return outputFiles[0]!.text;
}

/** Writes the code of the docs, and what starts it, into a folder of its own; returns the page of HTML. */
async function writeCode(folder: string, place: (text: string) => string): Promise<string> {
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await write('package.json', '{ "type": "module" }');
  const blocks = await readDocsCode();
  for (const { file, text } of blocks) if (file !== '') await write(file, place(text));
  for (const [page, text] of Object.entries(starts)) await write(entries[page as keyof typeof entries], text);
  return place(blocks.find(({ language }) => language === 'html')?.text ?? '');
}

/** Builds every page and the server from the code of the docs, for these addresses. */
export async function buildDocsApp({ service, app, port }: Addresses): Promise<DocsApp> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-docs-app-'));
  const html = await writeCode(folder, (text) =>
    text
      .replaceAll('https://id.example.com', service)
      .replaceAll(/https:\/\/(api|app)\.example\.com/g, app)
      .replaceAll('4001', String(port)),
  );
  const [markup = ''] = html.split('<script');
  const made = async (page: keyof typeof entries, before: string) => ({
    html: `${before}${icon}<script type="module" src="script.js"></script>`,
    script: await bundle(folder, entries[page]),
  });
  const frame = '<!doctype html><title>app</title><main></main>';
  return Object.freeze<DocsApp>({
    server: join(folder, 'server.ts'),
    pages: {
      plain: await made('plain', markup),
      script: { html: html.replace('/latchkey.min.js', 'script.js') + icon, script: await buildScriptFile() },
      react: await made('react', frame),
      vue: await made('vue', frame),
      svelte: await made('svelte', frame),
    },
    remove: () => rm(folder, { recursive: true }),
  });
}
