import { Router } from '@koa/router';
import { fail, proofConstants } from '@latchkey/contract';
import { parseInput } from '@latchkey/contract/schemas';
import type { AdminCredential } from '../flow/admin/authorize.ts';
import type { Context, Middleware, State } from './context.ts';
import type { HttpAppDeps } from './deps.ts';
import { createArrivalReader } from './middleware/arrival.ts';
import { authenticateCaller, readAccessToken, readProof } from './middleware/bearer.ts';
import { assertNoBody, readBody } from './middleware/body.ts';
import { type ClientFields, readClientCredential } from './middleware/client-credential.ts';
import type { Origins } from './middleware/origins.ts';
import { createPeerReader } from './middleware/peer.ts';
import type { HttpRoute, RouteCall } from './route.ts';

interface RouterDeps extends Pick<HttpAppDeps, 'config' | 'causes' | 'flows' | 'admin' | 'proofNonce'> {
  readonly origins: Pick<Origins, 'assertAllowed'>;
}

/** What a request meets before its route, and what asks in advance meets (CORS). Default: nothing. */
interface RouteMiddleware {
  readonly before: (route: HttpRoute) => readonly Middleware[];
  readonly preflight?: Middleware;
}

const noMiddleware: RouteMiddleware = { before: () => [] };

/** Turns the table into a layer. Each request passes: origin, access token, body, credential of a backend, handler, answer. */
export function router(
  routes: readonly HttpRoute[],
  deps: RouterDeps,
  middleware: RouteMiddleware = noMiddleware,
): Middleware {
  const table = new Router<State>({ exclusive: true, sensitive: true, strict: true });
  const serve = createServe(deps);
  const register = (path: string, method: string, steps: readonly Middleware[]) =>
    table.register(path, [method], steps as unknown as Parameters<typeof table.register>[2]);
  for (const route of routes) {
    const last: Middleware = (ctx) => serve(route, ctx, (ctx as { params?: unknown }).params);
    register(route.path, route.method, [...middleware.before(route), last]);
  }
  for (const path of new Set(routes.map((route) => route.path)))
    if (middleware.preflight !== undefined) register(path, 'OPTIONS', [middleware.preflight]);
  return table.routes() as unknown as Middleware;
}

type Serve = (route: HttpRoute, ctx: Context, params: unknown) => Promise<void>;

function createServe({ config, causes, origins, flows, admin, proofNonce }: RouterDeps): Serve {
  const readPeer = createPeerReader(config.trustProxy, () => causes.report('proxy_untrusted'));
  const readArrival = createArrivalReader(config.trustProxy);
  return async (route, ctx, params) => {
    ctx.state.route = route.path;
    // Before anything is awaited: the deadline counts from the reading of the request, also while its body is awaited.
    const deadline = flows.receive();
    const proof = readProof(ctx);
    // Clients with proofs get the newest nonce with each answer, so that they need no extra request (RFC 9449 §8.2).
    if (proof !== undefined) ctx.set(proofConstants.nonceHeader, proofNonce());
    if (route.firstParty) origins.assertAllowed(ctx);
    const caller = route.auth === 'bearer' ? await authenticateCaller(ctx, flows) : undefined;
    const peer = readPeer(ctx);
    const actor =
      route.auth === 'admin' ? await admin.authorize(readAdminCredential(ctx), peer, deadline()) : undefined;
    const query = parseInput(route.query, { ...ctx.query });
    const body = await parseBody(route, ctx);
    const call = {
      params: route.params && parseInput(route.params, params),
      body,
      query,
      peer,
      proof,
      endpoint: { method: ctx.method, path: ctx.originalUrl },
      arrival: () => readArrival(ctx),
      isDisconnected: () => ctx.req.socket.destroyed,
      deadline,
      caller,
      actor,
      client: route.auth === 'client' ? readClientCredential(ctx, body as ClientFields) : undefined,
    };
    // Only what the table promises leaves; a missing piece is our own mistake.
    send(ctx, route, route.response.parse(await handler(route)(call)));
  };
}

async function parseBody(route: HttpRoute, ctx: Context): Promise<unknown> {
  if (route.body === undefined) return assertNoBody(ctx);
  const { accepts: format, maxBytes: limit, list } = route;
  return parseInput(route.body, await readBody(ctx, { format, limit, list }));
}

// The row's own types were checked where it was written.
const handler = (route: HttpRoute) => route.handle as (call: RouteCall) => unknown;

function send(ctx: Context, { status, cache, isImage }: HttpRoute, answer: unknown): void {
  ctx.status = typeof status === 'number' ? status : status.choose(answer as never);
  ctx.set('Cache-Control', cache);
  if (cache === 'no-store') ctx.set('Pragma', 'no-cache');
  if (!isImage) {
    ctx.body = answer;
    return;
  }
  const { type, bytes } = answer as { type: string; bytes: Buffer };
  // Programs that show mail load it from other origins.
  ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
  ctx.type = type;
  ctx.body = bytes;
}

/**
 * What is shown at `/admin`: an admin token, or a backend's id and secret by HTTP Basic.
 *
 * @throws unauthenticated nothing shown, or nothing that can be read
 */
function readAdminCredential(ctx: Context): AdminCredential {
  ctx.state.bearer = true;
  if (/^basic(?: |$)/i.test(ctx.get('Authorization'))) return { backend: readClientCredential(ctx, {}) };
  return readAccessToken(ctx);
}

/** The last middleware: `not_found`, with `Allow` when the path exists and only the method does not. */
export function notFound(routes: readonly HttpRoute[]): Middleware {
  return async (ctx) => {
    const methods = routes.filter((route) => matchesPattern(route.path, ctx.path)).map((route) => route.method);
    if (methods.length > 0) ctx.set('Allow', methods.join(', '));
    throw fail('not_found');
  };
}

function matchesPattern(pattern: string, path: string): boolean {
  const parts = path.split('/');
  const expected = pattern.split('/');
  return expected.length === parts.length && expected.every((part, at) => part.startsWith(':') || part === parts[at]);
}
