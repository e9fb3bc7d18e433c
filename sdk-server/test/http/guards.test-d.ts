import Router from '@koa/router';
import express from 'express';
import fastify, { type onRequestAsyncHookHandler } from 'fastify';
import Koa from 'koa';
import { expressGuard } from '../../src/express.ts';
import { fastifyGuard } from '../../src/fastify.ts';
import type { AccessClaims, Latchkey } from '../../src/index.ts';
import { type AuthState, koaGuard } from '../../src/koa.ts';

// Checked by the compiler, never run: each expected error is an error, or this file is one.

declare const latchkey: Latchkey;
declare function take(auth: AccessClaims, userId: string): void;
declare function takeNumber(userId: number): void;

express().get('/', latchkey.express(), (request) => {
  take(request.auth, request.auth.sub);
  // @ts-expect-error the id of a user is a string
  takeNumber(request.auth.sub);
});

fastify().addHook('onRequest', latchkey.fastify());
fastify().get('/', { onRequest: latchkey.fastify() }, async (request) => {
  take(request.auth, request.auth.sub);
  // @ts-expect-error the id of a user is a string
  takeNumber(request.auth.sub);
});

new Koa().use(latchkey.koa()).use((ctx) => {
  take(ctx.state.auth, ctx.state.auth.sub);
  // @ts-expect-error the id of a user is a string
  takeNumber(ctx.state.auth.sub);
});
new Koa<{ trace: string }>().use(latchkey.koa()).use((ctx) => take(ctx.state.auth, ctx.state.trace));
new Router().get('/', latchkey.koa(), (ctx) => {
  take(ctx.state.auth, ctx.state.auth.sub);
  // @ts-expect-error the id of a user is a string
  takeNumber(ctx.state.auth.sub);
});

const handlers: express.RequestHandler[] = [expressGuard(latchkey), (request) => take(request.auth, request.auth.sub)];
express().use(handlers);

const hooks: onRequestAsyncHookHandler[] = [fastifyGuard(latchkey, { policy: 'deny' })];
fastify().get('/', { onRequest: hooks }, async (request) => take(request.auth, request.auth.sub));

const layers: Koa.Middleware<AuthState>[] = [
  koaGuard(latchkey),
  (ctx) => {
    take(ctx.state.auth, ctx.state.auth.sub);
    // @ts-expect-error the id of a user is a string
    takeNumber(ctx.state.auth.sub);
  },
];
new Koa<AuthState>().use(layers[0]!);
new Koa().use(koaGuard(latchkey)).use((ctx) => take(ctx.state.auth, ctx.state.auth.sub));
const router = new Router<AuthState>();
router.use(koaGuard(latchkey));
router.get('/', (ctx) => take(ctx.state.auth, ctx.state.auth.sub));
// @ts-expect-error an option that does not exist
koaGuard(latchkey, { requires: [] });
