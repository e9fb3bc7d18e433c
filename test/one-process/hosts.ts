import type { RequestListener } from 'node:http';
import type { Latchkey } from '@latchkey/sdk-server';
import type { HostApp } from '@latchkey/service';
import express from 'express';
import Koa from 'koa';
import { koaBody } from 'koa-body';

/** The app of a host with a route of its own, in one framework. */
export interface Host {
  readonly app: HostApp;
  guard(latchkey: Latchkey): void;
  parseBodies(): void;
  /** Adds a layer that awaits each request's `work` before the next one. */
  before(work: () => Promise<unknown>): void;
  /** Adds `/host`, which answers who calls, and `/broken`, which throws. Returns the listener of the HTTP server. */
  finish(): RequestListener;
  /** Errors that reached the host. */
  readonly troubles: readonly unknown[];
}

export interface HostKind {
  readonly name: string;
  /** What the framework itself answers to a request target that is no address. */
  readonly badTarget: { readonly status: number };
  create(): Host;
}

function createKoaHost(): Host {
  const app = new Koa();
  const troubles: unknown[] = [];
  app.silent = true;
  app.on('error', (error) => troubles.push(error));
  return {
    app,
    troubles,
    guard: (latchkey) => void app.use(latchkey.koa()),
    parseBodies: () => void app.use(koaBody()),
    before: (work) => void app.use((_ctx, next) => work().then(next)),
    finish() {
      app.use(async (ctx, next) => {
        if (ctx.path === '/broken') throw new Error('the host broke');
        if (ctx.path !== '/host') return next();
        ctx.body = { host: true, auth: ctx.state.auth?.sub };
      });
      return app.callback();
    },
  };
}

function createExpressHost(): Host {
  const app = express();
  const troubles: unknown[] = [];
  return {
    app,
    troubles,
    guard: (latchkey) => void app.use(latchkey.express()),
    parseBodies: () => void app.use(express.json(), express.urlencoded()),
    before: (work) => void app.use((_request, _response, next) => void work().then(() => next())),
    finish() {
      app.get('/broken', () => {
        throw new Error('the host broke');
      });
      app.get('/host', (request, response) => void response.json({ host: true, auth: request.auth?.sub }));
      app.use((_request, response) => void response.status(404).type('text').send('Not Found'));
      const onError: express.ErrorRequestHandler = (error, _request, response, _next) => {
        troubles.push(error);
        response.status(500).type('text').send('Internal Server Error');
      };
      app.use(onError);
      return app;
    },
  };
}

export const hosts: readonly HostKind[] = [
  { name: 'Koa', create: createKoaHost, badTarget: { status: 400 } },
  { name: 'Express', create: createExpressHost, badTarget: { status: 404 } },
];
