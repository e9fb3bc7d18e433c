import { createServer, type IncomingMessage } from 'node:http';
import { BlockList } from 'node:net';
import { fail, parseAuthorization } from '@latchkey/contract';
import Koa from 'koa';
import { constantTimeEqual, sha256 } from '../base/bytes.ts';
import type { Config } from '../config/config.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics/metrics.ts';
import { configureServer, serverOptions } from './configure-server.ts';
import type { Context, Middleware, State } from './context.ts';
import { createHttpListener } from './listener.ts';
import { requestId } from './middleware/access-log.ts';
import { errorHandler } from './middleware/error-handler.ts';
import { notFound } from './router.ts';

const metricsPath = '/metrics';

type MetricsConfig = Pick<Config, 'metricsPort' | 'metricsHost' | 'metricsToken' | 'production'>;

type MetricsText = Pick<Metrics, 'text' | 'contentType'>;

interface MetricsDeps {
  /** Absent: metrics are not found. */
  readonly metrics?: MetricsText | undefined;
  readonly config: Partial<Pick<MetricsConfig, 'metricsPort' | 'metricsToken'>> & Pick<MetricsConfig, 'production'>;
}

/**
 * Serves `/metrics` on the public port: with `LATCHKEY_METRICS_TOKEN` to who shows it, else in development to this machine.
 * Otherwise the path is not found.
 */
export function publicMetrics({ metrics, config }: MetricsDeps): Middleware {
  const { metricsPort, metricsToken, production } = config;
  const isOpen = metricsToken === undefined && metricsPort === undefined && !production;
  return (ctx, next) => {
    if (metrics === undefined || ctx.path !== metricsPath) return next();
    const isServed = metricsToken !== undefined || (isOpen && isOfThisMachine(ctx));
    return isServed ? serveMetrics(metrics, metricsToken)(ctx, next) : next();
  };
}

/**
 * The server of `LATCHKEY_METRICS_PORT` as a component; none without that setting. It serves metrics and nothing else, and starts
 * before the database, so that metrics can be read while the database is away.
 */
export function createMetricsListeners(deps: {
  readonly metrics: MetricsText;
  readonly config: MetricsConfig;
  readonly log: ServiceLogger;
  readonly causes: Pick<ServiceCauses, 'report'>;
}) {
  const { metrics, config, log } = deps;
  const { metricsPort: port, metricsHost: host, metricsToken } = config;
  if (port === undefined) return [];
  const app = new Koa<State>();
  const layers = [requestId(), errorHandler(deps, () => undefined), serveMetrics(metrics, metricsToken), notFound([])];
  for (const layer of layers) app.use(layer);
  app.on('error', (error: unknown) => log.debug({ err: error }, 'answer broken off'));
  const http = createServer(serverOptions, app.callback());
  configureServer(http);
  return [createHttpListener(http, { port, host }, listenerNames)];
}

const listenerNames = { name: 'metrics', port: 'LATCHKEY_METRICS_PORT', host: 'LATCHKEY_METRICS_HOST' };

function serveMetrics(metrics: MetricsText, token: string | undefined): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== metricsPath || ctx.method !== 'GET') return next();
    ctx.state.route = metricsPath;
    if (token !== undefined) assertToken(ctx, token);
    ctx.body = await metrics.text();
    // Behind the body, which would set another one.
    ctx.set('Content-Type', metrics.contentType);
    ctx.set('Cache-Control', 'no-store');
  };
}

/** @throws unauthenticated */
function assertToken(ctx: Context, token: string): void {
  ctx.state.bearer = true;
  const shown = parseAuthorization(ctx.get('Authorization'));
  ctx.state.presentedScheme = shown.scheme;
  if (shown.scheme !== 'Bearer' || !constantTimeEqual(sha256(shown.token ?? ''), sha256(token)))
    throw fail('unauthenticated');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Which a proxy on this machine adds. One that adds none looks like a program. */
const proxyHeaders = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'];

/**
 * The request comes from this machine, through no proxy, and names it: a name that an attacker points at this machine is another
 * one (DNS rebinding).
 */
function isOfThisMachine({ req, hostname }: Context): boolean {
  return (
    isLoopback(req) &&
    proxyHeaders.every((name) => req.headers[name] === undefined) &&
    /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)
  );
}

function isLoopback({ socket: { remoteAddress = '', remoteFamily } }: IncomingMessage): boolean {
  return loopback.check(remoteAddress, remoteFamily === 'IPv6' ? 'ipv6' : 'ipv4');
}
