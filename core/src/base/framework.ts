import { Server as NetServer } from 'node:net';

type Members = Readonly<Record<string, unknown>>;

function membersOf(value: unknown): Members {
  return (typeof value === 'object' || typeof value === 'function') && value !== null ? (value as Members) : {};
}

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  const members = membersOf(value);
  return names.every((name) => typeof members[name] === 'function');
}

const isSocketServer = (value: unknown): boolean => hasMethods(value, 'of', 'attach', 'serverSideEmit');
const isKoaApp = (value: unknown): boolean => hasMethods(value, 'use', 'callback') && typeof value === 'object';
const isExpressApp = (value: unknown): boolean => hasMethods(value, 'use', 'handle') && typeof value === 'function';

/** What the value is, for the sentence of an error. */
function describeValue(value: unknown): string {
  if (value instanceof NetServer) return 'a server of Node';
  if (isSocketServer(value)) return 'a Socket.IO server';
  if (isKoaApp(value)) return 'a Koa app';
  if (hasMethods(value, 'register', 'inject')) return 'a Fastify instance, whose HTTP server is `fastify.server`';
  if (isExpressApp(value)) return 'an Express app';
  return value === null ? 'null' : `of type ${typeof value}`;
}

/**
 * Checks what a function takes as the app's HTTP server.
 *
 * @param where the call, for the error's sentence
 * @throws TypeError for anything but a server of `node:http`, `node:https` or `node:http2`
 */
export function assertHttpServer(where: string, value: unknown): void {
  if (value instanceof NetServer) return;
  throw new TypeError(
    `${where} takes a server of node:http, such as createServer(app); it got ${describeValue(value)}`,
  );
}

/**
 * Checks what a function takes as the app's Socket.IO server.
 *
 * @param where the call, for the error's sentence
 * @throws TypeError for anything but a `Server` of socket.io
 */
export function assertSocketServer(where: string, value: unknown): void {
  if (isSocketServer(value)) return;
  throw new TypeError(
    `${where} takes the Server of socket.io that socketServe returned; it got ${describeValue(value)}`,
  );
}

/**
 * Names the framework of the app that a function takes.
 *
 * @param where the call, for the error's sentence
 * @throws TypeError for anything but a Koa app and an Express app
 */
export function detectFramework(where: string, value: unknown): 'koa' | 'express' {
  if (isKoaApp(value)) return 'koa';
  if (isExpressApp(value)) return 'express';
  throw new TypeError(
    `${where} takes a Koa app (new Koa()) or an Express app (express()); it got ${describeValue(value)}. In another framework, run the service as a process of its own and guard routes with sdk-server`,
  );
}
