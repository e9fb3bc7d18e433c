import { type AdminSession, type EndedSessions, uuidPattern } from '@latchkey/contract';
import type { Command } from 'commander';
import { type CommandContext, CommandFailure } from './command-context.ts';
import { addNoun, assertConfirmed, confirmOption, parseUuid, withExample } from './define.ts';
import { type Owner, printFromOwner, printListFromOwner } from './owner.ts';
import { pageSize, readPages } from './read-pages.ts';

const columns = ['id', 'tenant_id', 'email', 'browser', 'address_prefix', 'last_active_at', 'expires_at', 'online'];

interface ListOptions {
  readonly tenant?: string;
  readonly user?: string;
  readonly online?: true;
}

/** Adds `session`: live sessions of all users. */
export function addSession(program: Command, context: CommandContext): void {
  const session = addNoun(program, 'session', 'Lists and ends live sessions.');
  withExample(
    session
      .command('list')
      .description('Lists live sessions.')
      .option('--tenant <id>', 'sessions of this tenant')
      .option('--user <user>', 'sessions of this user, by id or by the beginning of the address')
      .option('--online', 'only sessions with a socket now')
      .action((options: ListOptions) => printListFromOwner(context, (owner) => listSessions(owner, options), columns)),
    'session list --user ann@example.org --online',
  );
  withExample(
    session
      .command('show')
      .description('Shows a live session.')
      .argument('<id>', 'its id', parseUuid)
      .action((id: string) => printFromOwner(context, (owner) => owner.findSession(id))),
    'session show 3f0c7a9e-5d0b-4c53-9a37-8c1f4b1f6a2d',
  );
  withExample(
    session
      .command('end')
      .description('Ends a session on every node.')
      .argument('<id>', 'its id', parseUuid)
      .action((id: string) => printFromOwner(context, (owner) => owner.endSession(id))),
    'session end 3f0c7a9e-5d0b-4c53-9a37-8c1f4b1f6a2d',
  );
  withExample(
    session
      .command('end-all')
      .description('Ends all sessions of a user, or of all users, and makes codes for a sign-in invalid.')
      .argument('[user]', 'id or address')
      .option(
        '--tenant <id>',
        'the tenant of the address (default: default), or with --all the only tenant (default: each)',
      )
      .option('--all', 'the sessions of all users')
      .addOption(confirmOption())
      .action((idOrEmail: string | undefined, options: EndOptions) =>
        printFromOwner(context, (owner) => endAll(owner, idOrEmail, options)),
      ),
    'session end-all ann@example.org',
    'session end-all --all --yes',
  );
}

interface EndOptions {
  readonly tenant?: string;
  readonly all?: boolean;
  readonly yes?: true;
}

async function endAll(
  owner: Owner,
  idOrEmail: string | undefined,
  { all = false, tenant, ...options }: EndOptions,
): Promise<EndedSessions> {
  if (all === (idOrEmail !== undefined)) throw new CommandFailure('Name a user, or all of them by --all.');
  if (idOrEmail !== undefined)
    return owner.endUserSessions(await owner.findUserId({ idOrEmail, tenantId: tenant ?? 'default' }));
  assertConfirmed(options, `ends the sessions of all users${tenant === undefined ? '' : ` of ${tenant}`}`);
  if (tenant !== undefined) return owner.endTenantSessions(tenant);
  let ended = 0;
  for await (const tenants of readPages('tenants', (cursor) => owner.listTenants({ limit: pageSize, cursor })))
    for (const { id } of tenants) ended += (await owner.endTenantSessions(id)).ended;
  return { ended };
}

function listSessions(
  owner: Owner,
  { tenant: tenantId, user, online }: ListOptions,
): AsyncGenerator<readonly AdminSession[]> {
  const ofUser = user === undefined ? {} : toUserFilter(user);
  return readPages('sessions', (cursor) =>
    owner.listSessions({ tenantId, online, ...ofUser, limit: pageSize, cursor }),
  );
}

const toUserFilter = (user: string) =>
  uuidPattern.test(user) ? { userId: user.toLowerCase() } : { emailPrefix: user };
