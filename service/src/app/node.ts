import type { Authority } from '@latchkey/sdk-server';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../db/types.ts';
import { createPresence } from '../domain/presence/presence.ts';
import { createOwnTokenReader } from '../domain/secret/own-token.ts';
import { type AdminFlows, createAdminFlows } from '../flow/admin/admin-flows.ts';
import { createBackendFlows } from '../flow/backend/backend-flows.ts';
import { createFlows } from '../flow/create-flows.ts';
import type { Flows } from '../flow/flows.ts';
import type { HookFunctions } from '../hook/hook.ts';
import { createHooks } from '../hook/hooks.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import type { Log } from '../ops/log.ts';
import { createLocalAuthority } from '../socket/authority.ts';
import type { BackendNamespaceDeps } from '../socket/backend/namespace.ts';
import { controlPath } from './backend-command.ts';
import { clockLog } from './clock-log.ts';
import { createControlSocket } from './control-socket.ts';
import { makeDevelopmentBackend } from './embedded-backend.ts';
import { loadSecrets } from './embedded-secret.ts';
import { failoverLog } from './failover-log.ts';
import { inviteFirstOperator } from './first-operator.ts';
import { createHealth } from './health.ts';
import { createJobs } from './jobs.ts';
import { lateReport } from './late-report.ts';
import { periodicWork } from './periodic-work.ts';
import { buildRooms, type Rooms } from './rooms.ts';
import { signingKeys } from './signing-keys.ts';
import { runWords, type SpokenRooms } from './spoken.ts';
import type { Part } from './stack.ts';

interface NodeMaterials {
  readonly config: Config;
  readonly hooks: HookFunctions;
  readonly log: Log;
  readonly clock: Clock;
  readonly causes: ServiceCauses;
  readonly database: Database;
  /** Names this process in presence. Default: random. */
  readonly serverId?: string | undefined;
  /** Hears the link of the first operator. Absent: there is none. */
  readonly onOperatorLink?: ((link: string) => void) | undefined;
}

/** One node without its doors: what they are made of, and the parts that stand below them. */
export interface ServiceNode {
  readonly rooms: Rooms;
  readonly flows: Flows;
  readonly admin: AdminFlows;
  readonly authority: Authority;
  readonly backends: Omit<BackendNamespaceDeps, 'clock' | 'log'>;
  readonly health: ReturnType<typeof createHealth>;
  /** In the order of the start. */
  readonly parts: readonly Part[];
  /** Starts once the HTTP server listens, because the link leads to it. */
  readonly invitation: Part;
}

/** The composition root: every room and flow with its needs. Nothing is read or written yet. */
export function createNode({
  config,
  hooks,
  log,
  clock,
  causes,
  database,
  serverId,
  onOperatorLink,
}: NodeMaterials): ServiceNode {
  const { db } = database;
  const onError = (error: unknown) => log.warn({ err: error }, 'background work');
  const secretTexts = loadSecrets(config);
  const rooms = buildRooms({
    config,
    secretTexts,
    database,
    clock,
    onError,
    onFailover: failoverLog(log),
    onClock: clockLog(log),
    // In an embedded database such keys are replaced at the start.
    onMissingSecret: () => causes.report('secret_missing'),
    serverId,
  });
  const needs = {
    ...{ ...rooms, db, clock, config, causes, log, onError },
    hooks: createHooks(hooks, {
      clock,
      timeoutMs: config.hookTimeoutInSecs * 1_000,
      readOwnToken: createOwnTokenReader(secretTexts),
      onTrouble: (cause, hook, error) => causes.report(cause, { hook, ...reasonOf(error) }),
    }),
  };
  const flows = createFlows(needs);
  return Object.freeze<ServiceNode>({
    rooms,
    flows,
    admin: createAdminFlows(needs),
    authority: createLocalAuthority({ flows, ...rooms }),
    backends: {
      flows: createBackendFlows(needs),
      feed: rooms.feed,
      now: rooms.time.now,
      suspension: rooms.suspension,
      accessTokens: { issuer: config.issuer, audience: config.audience },
      causes,
      kids: () => kidsOf(rooms),
      presenceOf: (server) => createPresence({ db, clock, onError }, server),
    },
    health: createHealth({ ...rooms, database }),
    invitation: inviteFirstOperator(config, { operators: rooms.operators, db, tell: onOperatorLink }),
    parts: [
      { name: 'causes', stop: causes.close },
      { name: 'database', stop: () => database.close() },
      { name: 'suspension', start: rooms.suspension.start, stop: rooms.suspension.stop },
      { name: 'secrets', start: () => rooms.secrets.register(db) },
      signingKeys(config, { ...rooms, db }),
      { name: 'tenants', start: () => rooms.tenantChanges.start(), stop: () => rooms.tenantChanges.stop() },
      { name: 'blacklist', start: () => rooms.feed.start(), stop: () => stopFeed(rooms) },
      {
        name: 'backend for development',
        start: () => makeDevelopmentBackend(config, { ...rooms, db }),
      },
      ...(config.embedded ? [controlSocket(config, { ...rooms, db }, onError)] : []),
      { name: 'presence', start: () => rooms.presence.start(), stop: () => rooms.presence.stop() },
      createJobs({
        jobs: [...periodicWork(rooms, database, config), lateReport(rooms.tokens, log)],
        clock,
        onError: (job, error) => log.warn({ err: error, job }, 'job failed'),
      }),
      { name: 'batched writes', stop: () => Promise.all([rooms.sessions.flush(), rooms.traffic.flush()]) },
    ],
  });
}

const reasonOf = (error: unknown) => (typeof error === 'string' ? { reason: error } : { err: error });

/** A node that ends sessions after a failover leaves the rest to others. */
function stopFeed({ failover, feed }: Pick<Rooms, 'failover' | 'feed'>): Promise<void> {
  failover.stop();
  return feed.stop();
}

const kidsOf = ({ keys }: Pick<Rooms, 'keys'>): string =>
  keys
    .jwks()
    .keys.map(({ kid }) => kid)
    .join(' ');

function controlSocket(config: Config, rooms: SpokenRooms, onError: (error: unknown) => void): Part {
  const run = (words: readonly string[]) => runWords(words, rooms);
  return createControlSocket({ path: controlPath(config), run, onError });
}
