import { createServer, type IncomingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What a server can know of its visitors. */
export interface Visit {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** An app without a sign-in form of its own; every path is its one page. */
export interface RedirectApp {
  readonly url: string;
  readonly visits: readonly Visit[];
  close(): Promise<void>;
}

const page =
  '<!doctype html><title>app</title><link rel="icon" href="data:,"><script type="module" src="/app.js"></script>';

/** The app's whole script: `outcome` is what `handleRedirect` came to, `addresses` what the address was around it. */
function scriptFor(serviceUrl: string): string {
  return `
    import { createSession } from '@latchkey/sdk-browser';
    import { handleRedirect, signInWithRedirect } from '@latchkey/sdk-browser/redirect';
    const session = createSession({ url: '${serviceUrl}' });
    const before = location.href;
    const outcome = handleRedirect(session).then((returned) => ({ returned }), ({ code }) => ({ code }));
    const addresses = [before, location.href];
    Object.assign(globalThis, { session, outcome, addresses, signInWithRedirect });`;
}

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../../', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['source'],
  });
  return outputFiles[0]?.text ?? '';
}

/** Serves the app on `port` of 127.0.0.1, and remembers every request. */
export async function serveRedirectApp(serviceUrl: string, port: number): Promise<RedirectApp> {
  const script = await bundle(scriptFor(serviceUrl));
  const visits: Visit[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    visits.push({ url, headers });
    if (url === '/app.js') response.setHeader('content-type', 'text/javascript').end(script);
    else response.setHeader('content-type', 'text/html').end(page);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return Object.freeze<RedirectApp>({
    url: `http://127.0.0.1:${port}`,
    visits,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
