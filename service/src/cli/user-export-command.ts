import { fail } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import { nilUuid, pagesAfter } from '../db/keyset.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { parseArguments } from './parse-arguments.ts';
import { type Output, write } from './user-import-command.ts';
import { withTransferTarget } from './user-transfer.ts';

/**
 * `user export [--tenant t] [--with-secrets]`: writes a line for each user of the tenant, as `user import` reads it. With
 * secrets: also the hashes of the passwords. Each export is in the audit.
 *
 * @throws invalid_request unknown arguments · tenant_unknown
 */
export async function runExportCommand(
  words: readonly string[],
  deps: { readonly config: Config; readonly log: ServiceLogger; readonly clock: Clock; readonly output: Output },
): Promise<void> {
  const { positionals, options } = parseArguments(words, ['tenant'], ['with-secrets']);
  if (positionals.length > 0)
    throw fail('invalid_request', { message: 'Say user export [--tenant t] [--with-secrets].' });
  const tenantId = options.tenant ?? 'default';
  const withSecrets = 'with-secrets' in options;
  await withTransferTarget(deps.config, deps.log, deps.clock, async (target) => {
    await target.findTenant(tenantId);
    await target.beginExport({ tenantId, secrets: withSecrets });
    const pages = pagesAfter(nilUuid, (after) => target.exportPage({ tenantId, after, withSecrets }));
    for await (const { users } of pages) await write(deps.output, users);
  });
}
