import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import type { Database } from '../db/types.ts';
import { readFeedPage } from '../domain/revocation/revocation-store.ts';
import { commandLineActor } from '../flow/admin/actor.ts';
import { createAdminFlows } from '../flow/flows.ts';
import { createHooks } from '../hook/hooks.ts';
import { ownLinkTargets } from '../mail/mail-links.ts';
import { createServiceCauses } from '../ops/causes.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { loadConfiguredHooks } from './configured-hooks.ts';
import { createDomain, type Domain } from './create-domain.ts';
import { createMail } from './create-mail.ts';
import { createSecretReader } from './embedded-secret.ts';

/**
 * What `/admin` does, for a command on an open database without a node. What it changes reaches the nodes as a change of
 * another node does.
 */
export async function createAdminAccess(deps: {
  readonly config: Config;
  readonly database: Database;
  readonly log: ServiceLogger;
  readonly clock: Clock;
}) {
  const { config, database, log, clock } = deps;
  const { db } = database;
  const onError = (error: unknown) => log.warn({ err: error }, 'background work failed');
  const domain = createDomain({ config, readSecrets: createSecretReader(config), database, clock, onError });
  domain.secrets.load();
  await readDatabaseClock(domain, database);
  const causes = createServiceCauses({ log, clock });
  const hooks = createHooks(await loadConfiguredHooks(config), {
    clock,
    timeoutMs: config.hookTimeoutInSecs * 1_000,
    onFailure: (cause, hook, err) => causes.report(cause, { hook, err }),
  });
  const mail = createMail({
    ...{ ...domain, config, hooks, targets: ownLinkTargets(config) },
    ...{ db, causes, clock, onError, wantsMailbox: false, leavesMailToNodes: true },
  });
  const context = { ...domain, db, clock, config, causes, log, onError, hooks, links: mail.links };
  return {
    ...domain,
    db,
    admin: createAdminFlows({ ...context, feed: withoutReads(domain.feed), mail: mail.availability }),
    actor: () => commandLineActor(domain.databaseClock),
    sendTestMail: mail.sendTestMail,
    startKeys: () => startKeys(config, database, domain),
  };
}

/** Deadlines count from it. A node reads it with the revocation list, and may begin a recovery then; a command may not. */
async function readDatabaseClock({ databaseClock }: Domain, { db }: Database): Promise<void> {
  const behindAllEntries = Number.MAX_SAFE_INTEGER;
  const page = await databaseClock.measure(
    () => readFeedPage(db, behindAllEntries),
    ({ timeMs }) => timeMs,
  );
  if (page.served === page.server) databaseClock.serveEpoch(page.server);
}

/** This process serves no request, so it needs no revocation list. */
const withoutReads = (feed: Domain['feed']): Domain['feed'] => ({ ...feed, expect: () => {}, catchUp: async () => {} });

async function startKeys(
  { embedded }: Pick<Config, 'embedded'>,
  { db }: Database,
  { secrets, keys }: Pick<Domain, 'secrets' | 'keys'>,
): Promise<void> {
  // Before the keys start, which wraps those of the nodes anew under this secret.
  if (!embedded && !(await secrets.isUsedByNodes(db))) throw unusedSecretError();
  await keys.start();
}

function unusedSecretError(): ConfigError {
  return new ConfigError(
    'LATCHKEY_SECRET: no node has its newest secret, so none could sign with the keys that it would wrap. ' +
      'Set the LATCHKEY_SECRET of the nodes, or start a node with this one first.',
  );
}
