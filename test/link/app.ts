import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLatchkey, stopOnSignals } from '@latchkey/sdk-server';
import { z } from 'zod';
import { type AppOptions, appOptionsName, type Stopped } from './app-options.ts';

/** An app on sdk-server, as a program of its own: routes, calls, and a stop by signal. */
const {
  port,
  latchkey: options,
  serve,
  stopSeconds = 10,
} = JSON.parse(process.env[appOptionsName] ?? '{}') as AppOptions;
const latchkey = createLatchkey(options);
const [calm, strict] = [latchkey.node(), latchkey.node({ policy: 'deny' })];
const begun: string[] = [];
let isReady = false;

const http = createServer(async (req, res) => {
  if (req.url === '/health') return void res.end(JSON.stringify({ ...latchkey.health(), isReady }));
  const auth = await (req.url === '/strict' ? strict : calm)(req, res);
  if (auth) res.end(JSON.stringify({ sid: auth.sid }));
});
const io = latchkey.socketServe(http, { origins: [], ...serve });

const input = z.object({ id: z.string(), ms: z.int() });
async function work({ id, ms }: z.infer<typeof input>): Promise<{ id: string; at: string }> {
  begun.push(id);
  await sleep(ms);
  return { id, at: latchkey.serverId };
}

const api = latchkey
  .apiRouter(io, 'api', { idempotency: 'process' })
  .on('work', { input }, work)
  .on('strict_work', { input, policy: 'deny' }, work);
export type Api = typeof api;

function write(stopped: Stopped): void {
  process.stdout.write(`${JSON.stringify(stopped)}\n`);
}
const log = { warn: () => {}, error: () => {} };
stopOnSignals({
  ...{ host: process, shutdown: latchkey, delay: stopSeconds, log },
  close(report) {
    write({ begun, report });
    latchkey.close();
  },
});

latchkey.ready().then(() => {
  isReady = true;
});
http.listen(port, '127.0.0.1');
