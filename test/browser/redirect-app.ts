import { createServer, type IncomingHttpHeaders } from 'node:http';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildScriptFile } from './bundle-sdk.ts';

/** What a server can know of its visitors. */
interface Visit {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** An app without a sign-in form of its own; every path is its one page, those under `/script` with the script file. */
export interface RedirectApp {
  readonly url: string;
  readonly visits: readonly Visit[];
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

const ways = {
  module: `import { createSession } from '@latchkey/sdk-browser';
    import { handleRedirect, signInWithRedirect } from '@latchkey/sdk-browser/redirect';`,
  script: 'const { createSession, handleRedirect, signInWithRedirect } = latchkey;',
};

/** The app's whole script: `outcome` is what `handleRedirect` came to, `addresses` what the address was around it. */
function scriptFor(way: keyof typeof ways, serviceUrl: string): string {
  return `
    ${ways[way]}
    const session = createSession({ url: '${serviceUrl}' });
    const before = location.href;
    const outcome = handleRedirect(session).then((returned) => ({ returned }), ({ code }) => ({ code }));
    const addresses = [before, location.href];
    Object.assign(globalThis, { session, outcome, addresses, signInWithRedirect });`;
}

/** What a bundler that splits makes of the app: `/app.js`, and files for what it may load later. */
async function bundle(contents: string): Promise<[path: string, text: string][]> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, sourcefile: 'app.js' },
    entryNames: 'app',
    outdir: '/',
    splitting: true,
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['@latchkey/source'],
  });
  return outputFiles.map(({ path, text }) => [`/${basename(path)}`, text]);
}

const head = '<!doctype html><title>app</title><link rel="icon" href="data:,">';
const page = `${head}<script type="module" src="/app.js"></script>`;
const scriptPage = `${head}<script src="/latchkey.min.js"></script><script src="/app-script.js"></script>`;

/** Serves the app on `port` of 127.0.0.1, which the browser may know by another `host`, and remembers every request. */
export async function serveRedirectApp(serviceUrl: string, port: number, host = '127.0.0.1'): Promise<RedirectApp> {
  const files = new Map([
    ...(await bundle(scriptFor('module', serviceUrl))),
    ['/latchkey.min.js', await buildScriptFile()],
    ['/app-script.js', scriptFor('script', serviceUrl)],
  ]);
  const visits: Visit[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    visits.push({ url, headers });
    const file = files.get(url);
    if (file !== undefined) response.setHeader('content-type', 'text/javascript').end(file);
    else response.setHeader('content-type', 'text/html').end(url.startsWith('/script') ? scriptPage : page);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return Object.freeze<RedirectApp>({
    url: `http://${host}:${port}`,
    visits,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
