import type { Command } from 'commander';
import { nilUuid, pagesAfter } from '../db/keyset.ts';
import type { ExportPage } from '../domain/user/transfer/user-export.ts';
import type { CommandContext } from './command-context.ts';
import { tenantOption, withExample } from './define.ts';
import { withOwner } from './owner.ts';
import { writeJsonPages } from './print.ts';

interface ExportOptions {
  readonly tenant: string;
  readonly withSecrets?: boolean;
}

/** Adds `user export`. */
export function addUserExport(user: Command, context: CommandContext): void {
  withExample(
    user
      .command('export')
      .description('Writes the users of a tenant as lines of JSON, as `user import` reads them.')
      .addOption(tenantOption())
      .option('--with-secrets', 'also the hashes of passwords')
      .action((options: ExportOptions) => exportUsers(context, options)),
    'user export --tenant shop > users.ndjson',
  );
}

/** Each export is in the audit. @throws tenant_unknown */
function exportUsers(context: CommandContext, { tenant: tenantId, withSecrets = false }: ExportOptions): Promise<void> {
  return withOwner(context, async (owner) => {
    await owner.findTenant(tenantId);
    await owner.beginExport({ tenantId, secrets: withSecrets });
    const pages = pagesAfter(nilUuid, (after) => owner.exportPage({ tenantId, after, withSecrets }));
    await writeJsonPages(context.stdout, usersOf(pages));
  });
}

async function* usersOf(pages: AsyncIterable<ExportPage>): AsyncGenerator<ExportPage['users']> {
  for await (const { users } of pages) yield users;
}
