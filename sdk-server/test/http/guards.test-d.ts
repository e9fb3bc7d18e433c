import Router from '@koa/router';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import type { AccessClaims, Latchkey } from '../../src/index.ts';

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
