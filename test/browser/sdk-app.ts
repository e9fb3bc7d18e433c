import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createLatchkey } from '@latchkey/sdk-server';
import type { ServiceProcess } from '../../test-kit/node/service-process.ts';
import { bundleSdk } from './bundle-sdk.ts';

/** An app at an origin of its own, with a guarded route and sockets, whose page hands `createSession` to scripts. */
export interface SdkApp {
  readonly url: string;
  /** `Authorization` scheme of each request to `/api`, in order. */
  readonly schemes: readonly string[];
  close(): Promise<void>;
}

const page =
  '<!doctype html><title>app</title><link rel="icon" href="data:,"><script type="module" src="/sdk.js"></script>';

/** Serves the app on `port` of 127.0.0.1, as the service's backend made for development. */
export async function serveSdkApp(service: ServiceProcess, port: number): Promise<SdkApp> {
  const url = `http://127.0.0.1:${port}`;
  const { backend_id, backend_secret } = JSON.parse(readFileSync(join(service.dataFolder, 'backend.json'), 'utf8'));
  const latchkey = createLatchkey({
    url: service.url,
    backendId: backend_id,
    backendSecret: backend_secret,
    publicUrl: url,
  });
  const script = await bundleSdk();
  const schemes: string[] = [];
  const guard = latchkey.node();
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', url).pathname;
    if (path === '/sdk.js') return void response.setHeader('content-type', 'text/javascript').end(script);
    if (path !== '/api') return void response.setHeader('content-type', 'text/html').end(page);
    schemes.push((request.headers.authorization ?? '').split(' ')[0] ?? '');
    const caller = await guard(request, response);
    if (caller !== undefined) response.end(JSON.stringify({ user: caller.sub }));
  });
  const io = latchkey.socketServe(server, { origins: [url] });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await latchkey.ready();
  return Object.freeze<SdkApp>({
    url,
    schemes,
    async close() {
      latchkey.close();
      server.closeAllConnections();
      await io.close();
    },
  });
}
