import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { assertOptions, type OptionNames } from '@latchkey/contract';
import { type Clock, createSystemClock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import type { HookFunctions } from '../hook/hook.ts';
import { configureServer, serverOptions } from '../http/configure-server.ts';
import { createHttpListener } from '../http/listener.ts';
import { createPages } from '../http/pages.ts';
import { createHttpApp } from '../http/server.ts';
import { ownLinkTargets } from '../mail/mail-links.ts';
import { createServiceCauses, type ServiceCauses } from '../ops/causes.ts';
import type { Readiness } from '../ops/health.ts';
import { createLogger, type ServiceLogger } from '../ops/logger.ts';
import { describeSockets } from '../socket/asyncapi/document.ts';
import { createServiceSockets, type ServiceSockets } from '../socket/server.ts';
import { createNode, type ServiceNode } from './create-node.ts';
import { type Component, createLifecycle } from './lifecycle.ts';
import { readSocketMetrics } from './node-metrics.ts';

/** Options of {@link createService}. */
export interface ServiceOptions {
  readonly config: Config;
  readonly hooks?: HookFunctions;
  readonly log?: ServiceLogger;
  readonly clock?: Clock;
  /** Names this process in presence, a UUID. Default: random. */
  readonly serverId?: string;
  /** Called with the single-use link of the first operator, in embedded mode. Absent: no link is made. */
  readonly onOperatorLink?: (link: string) => void;
  /** Called with the link of the development mailbox, which shows mails where none can be sent. Absent: there is no mailbox. */
  readonly onMailboxLink?: (link: string) => void;
}

const names: OptionNames<ServiceOptions> = {
  config: 'object',
  hooks: 'object',
  log: 'object',
  clock: 'object',
  serverId: 'string',
  onOperatorLink: 'function',
  onMailboxLink: 'function',
};

/**
 * The running service. `stop` drains: readiness is off, calls end, sockets are notified and closed, then the database
 * is closed.
 */
export interface Service {
  readonly config: Config;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What `/health/ready` answers. */
  readiness(): Promise<Readiness>;
  /**
   * Runs the hook `claim` again for a user; the next access tokens of the user's live sessions carry the result.
   *
   * @throws not_found · unavailable before the start
   */
  recomputeClaims(userId: string): Promise<{ readonly changed: number }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The service inside this process, on a port of its own.
 *
 * @example
 * const service = createService({ config: createConfig({ PORT: '4000' }) });
 * await service.start();
 */
export function createService(options: ServiceOptions): Service {
  assertOptions('createService', options, names);
  const { config, hooks = {}, clock = createSystemClock(), serverId = randomUUID() } = options;
  const log = options.log ?? createLogger({ level: config.logLevel, clock, serverId });
  const causes = createServiceCauses({ log, clock });
  const around = { config, hooks, log, clock, causes, serverId };
  const { onOperatorLink, onMailboxLink } = options;
  const wantsMailbox = onMailboxLink !== undefined;
  const node = createNode({ ...around, links: ownLinkTargets(config), onOperatorLink, wantsMailbox });
  const announcement: Component = {
    name: 'link of the development mailbox',
    start: () => node.mailbox && onMailboxLink?.(node.mailbox.link),
  };
  const { start, stop } = createLifecycle([...node.components, ...createServerComponents(node, around), announcement]);
  return Object.freeze<Service>({
    ...{ config, start, stop },
    readiness: async () => node.health.ready(),
    recomputeClaims: node.recomputeClaims,
    [Symbol.asyncDispose]: stop,
  });
}

interface ServerDeps extends Required<Pick<ServiceOptions, 'config' | 'hooks' | 'log' | 'clock'>> {
  readonly causes: ServiceCauses;
}

/** HTTP and sockets on a port of their own. */
function createServerComponents(
  { domain, flows, admin, health, metrics, observer, mailbox, authority, backends, invitation, readiness }: ServiceNode,
  around: ServerDeps,
): readonly Component[] {
  const jwks = () => domain.keys.jwks();
  const koa = createHttpApp({
    ...around,
    flows,
    admin,
    health,
    metrics,
    onAnswered: observer.onAnswered,
    mailbox,
    jwks,
    proofNonce: domain.proofs.nonce,
    pages: createPages(around.config),
    describeSockets,
    takesLoginFields: around.hooks.findUserByCredentials !== undefined,
  });
  const http = createServer(serverOptions, koa.callback());
  configureServer(http);
  const { onRefused } = observer;
  const sockets = createServiceSockets({ ...around, http, authority, backends, admin, onRefused });
  readSocketMetrics(metrics, { sockets, causes: around.causes });
  return [
    createHttpListener(http, around.config),
    invitation,
    { name: 'sockets', stop: () => drain(sockets, around) },
    readiness,
  ];
}

async function drain(sockets: ServiceSockets, { config, log }: ServerDeps): Promise<void> {
  const spreadMs = config.drainSpreadInSecs * 1_000;
  const deadlineMs = config.shutdownDeadlineInSecs * 1_000;
  const report = await sockets.drain({ spreadMs, deadlineMs: deadlineMs / 2 });
  log.info({ ...report }, 'sockets drained');
  await sockets.close();
}
