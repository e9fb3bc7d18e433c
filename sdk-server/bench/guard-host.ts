import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLatchkey } from '@latchkey/sdk-server';
import express from 'express';
import Koa from 'koa';
import { serveCalls } from '../../bench/serve-calls.ts';
import type { BackendCredential } from './backend.ts';

type Name = 'koa' | 'unguardedKoa' | 'express' | 'unguardedExpress';

export type GuardHostCalls = {
  /** Listens with a guarded and an unguarded route of each framework. Returns the ports. */
  listen(credential: BackendCredential): Promise<Record<Name, number>>;
};

const body = { ok: true };

function koaApp(...layers: readonly Koa.Middleware[]): RequestListener {
  const app = new Koa();
  for (const layer of layers) app.use(layer);
  app.use((ctx) => {
    ctx.body = body;
  });
  return app.callback();
}

function expressApp(...layers: readonly express.RequestHandler[]): RequestListener {
  const app = express();
  for (const layer of layers) app.use(layer);
  app.get('/', (_request, response) => void response.json(body));
  return app;
}

async function listen(app: RequestListener): Promise<number> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const calls: GuardHostCalls = {
  async listen(credential) {
    const latchkey = createLatchkey(credential);
    await latchkey.ready();
    return {
      koa: await listen(koaApp(latchkey.koa() as Koa.Middleware)),
      unguardedKoa: await listen(koaApp()),
      express: await listen(expressApp(latchkey.express())),
      unguardedExpress: await listen(expressApp()),
    };
  },
};

serveCalls(calls);
