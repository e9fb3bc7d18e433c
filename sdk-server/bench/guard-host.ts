import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AccessClaims } from '@latchkey/contract';
import { createLatchkey } from '@latchkey/sdk-server';
import express from 'express';
import Koa from 'koa';
import { serveCalls } from '../../bench/serve-calls.ts';
import type { BackendCredential } from './backend.ts';

/** The middleware of a route: a guard, the least that any guard does, or nothing. */
type Name = 'guarded' | 'least' | 'bare';

interface ListenInput {
  readonly credential: BackendCredential;
  /** Headers of the requests to come. */
  readonly authorization: readonly string[];
}

export type GuardHostCalls = {
  /** Listens with the three routes of each framework. Returns the ports. */
  listen(input: ListenInput): Promise<Record<'koa' | 'express', Record<Name, number>>>;
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

/** Looks a caller up by the whole header, and checks and tracks nothing. */
const leastKoaGuard =
  (known: ReadonlyMap<string | undefined, AccessClaims>): Koa.Middleware =>
  (ctx, next) => {
    ctx.state.auth = known.get(ctx.req.headers.authorization);
    return ctx.state.auth === undefined ? ctx.throw(401) : next();
  };

const leastExpressGuard =
  (known: ReadonlyMap<string | undefined, AccessClaims>): express.RequestHandler =>
  (request, response, next) => {
    request.auth = known.get(request.headers.authorization)!;
    if (request.auth === undefined) response.sendStatus(401);
    else next();
  };

const calls: GuardHostCalls = {
  async listen({ credential, authorization }) {
    const latchkey = createLatchkey(credential);
    await latchkey.ready();
    const known = new Map<string | undefined, AccessClaims>();
    for (const header of authorization) known.set(header, await latchkey.verify(header.slice('Bearer '.length)));
    return {
      koa: {
        guarded: await listen(koaApp(latchkey.koa() as Koa.Middleware)),
        least: await listen(koaApp(leastKoaGuard(known))),
        bare: await listen(koaApp()),
      },
      express: {
        guarded: await listen(expressApp(latchkey.express())),
        least: await listen(expressApp(leastExpressGuard(known))),
        bare: await listen(expressApp()),
      },
    };
  },
};

serveCalls(calls);
