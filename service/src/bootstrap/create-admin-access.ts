import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import type { Database } from '../db/types.ts';
import { commandLineActor } from '../flow/admin/actor.ts';
import { createAdminFlows } from '../flow/flows.ts';
import { createHooks } from '../hook/hooks.ts';
import { loadHooks } from '../hook/load-hooks.ts';
import { ownLinkTargets } from '../mail/mail-links.ts';
import { createServiceCauses } from '../ops/causes.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { createDomain } from './create-domain.ts';
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
  const onError = (error: unknown) => log.warn({ err: error }, 'background work');
  const domain = createDomain({ config, readSecrets: createSecretReader(config), database, clock, onError });
  domain.secrets.load();
  // Reads the database's clock, from which deadlines count.
  await domain.feed.catchUp();
  const causes = createServiceCauses({ log, clock });
  const hooks = createHooks(config.hooks === undefined ? {} : await loadHooks(config.hooks), {
    clock,
    timeoutMs: config.hookTimeoutInSecs * 1_000,
    onFailure: (cause, hook, err) => causes.report(cause, { hook, err }),
  });
  const { availability: mail, links } = createMail({
    ...{ ...domain, config, hooks, targets: ownLinkTargets(config) },
    ...{ db, causes, clock, onError, wantsMailbox: false },
  });
  const admin = createAdminFlows({ ...domain, db, clock, config, causes, log, onError, mail, links, hooks });
  return { admin, users: domain.users, db, actor: () => commandLineActor(domain.databaseClock) };
}
