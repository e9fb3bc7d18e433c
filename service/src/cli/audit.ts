import { type AdminAuditRow, closestMatch } from '@latchkey/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { auditActions } from '../domain/audit/audit.ts';
import type { CommandContext } from './command-context.ts';
import {
  addNoun,
  assertConfirmed,
  confirmOption,
  parsePositiveNumber,
  parseTime,
  parseUuid,
  withExample,
} from './define.ts';
import { type Owner, printFromOwner, printListFromOwner, withOwner } from './owner.ts';
import { writeJsonPages } from './print.ts';
import { readPages } from './read-pages.ts';

const columns = ['id', 'at', 'action', 'tenant_id', 'user_id', 'session_id', 'address_prefix', 'detail'];
/** Rows of one read, and of one line of the control socket. */
const pageSize = 500;

interface FilterOptions {
  readonly tenant?: string;
  readonly user?: string;
  readonly session?: string;
  readonly action?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Adds `audit`: what happened to accounts and sessions. */
export function addAudit(program: Command, context: CommandContext): void {
  const audit = addNoun(program, 'audit', 'Reads what happened to accounts and sessions.');
  withExample(
    addFilters(audit.command('list').description('Lists entries, the newest first.'))
      .addOption(new Option('--limit <n>', 'entries at most').argParser(parsePositiveNumber).default(50))
      .action((options: FilterOptions & { readonly limit: number }) =>
        printListFromOwner(context, (owner) => listAudit(owner, options), columns),
      ),
    'audit list --action login_failed --from 2026-01-31',
  );
  withExample(
    addFilters(audit.command('export').description('Writes entries as lines of JSON, the newest first.')).action(
      (options: FilterOptions) =>
        withOwner(context, (owner) => writeJsonPages(context.stdout, readAudit(owner, options))),
    ),
    'audit export --from 2026-01-01 --to 2026-02-01 > january.ndjson',
  );
  withExample(
    audit
      .command('prune')
      .description('Deletes old entries, and leaves an entry of how many.')
      .requiredOption('--before <time>', 'written before this time, which is seven days ago or earlier', parseTime)
      .addOption(confirmOption())
      .action((options: PruneOptions) => printFromOwner(context, (owner) => prune(owner, options))),
    'audit prune --before 2026-01-01 --yes',
  );
}

interface PruneOptions {
  readonly before: string;
  readonly yes?: boolean;
}

async function prune(owner: Owner, { before, ...options }: PruneOptions): Promise<unknown> {
  assertConfirmed(options, `deletes the entries of the audit from before ${before}`);
  return owner.pruneAudit(before);
}

function addFilters(command: Command): Command {
  return command
    .option('--tenant <id>', 'entries of this tenant')
    .option('--user <user>', 'entries of this user, by id, or by address in --tenant (default: default)')
    .option('--session <id>', 'entries of this session', parseUuid)
    .option('--action <action>', 'entries of this action', parseAction)
    .option('--from <time>', 'written at this time or later (ISO 8601; without a zone: UTC)', parseTime)
    .option('--to <time>', 'written before this time', parseTime);
}

function parseAction(text: string): string {
  if (auditActions.some((action) => action === text)) return text;
  const match = closestMatch(text, auditActions);
  throw new InvalidArgumentError(
    match === undefined ? `Actions are ${auditActions.join(', ')}.` : `Did you mean ${match}?`,
  );
}

async function* readAudit(
  owner: Owner,
  options: FilterOptions,
  limit = pageSize,
): AsyncGenerator<readonly AdminAuditRow[]> {
  const { tenant: tenantId, user, session: sid, action, from, to } = options;
  const named = { idOrEmail: user ?? '', tenantId: tenantId ?? 'default' };
  const userId = user === undefined ? undefined : await owner.findUserId(named);
  const filter = { tenantId, userId, sid, action, from, to, limit };
  yield* readPages('audit', (cursor) => owner.listAudit({ ...filter, cursor }));
}

async function* listAudit(
  owner: Owner,
  { limit, ...options }: FilterOptions & { readonly limit: number },
): AsyncGenerator<readonly AdminAuditRow[]> {
  let left = limit;
  for await (const rows of readAudit(owner, options, Math.min(limit, pageSize))) {
    yield rows.slice(0, left);
    left -= rows.length;
    if (left <= 0) return;
  }
}
