import { type AdminTenant, emailVerifications, sessionLimitPolicies } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import type { TenantUpdate } from '../domain/tenant/tenant.ts';
import { type CommandContext, CommandFailure } from './command-context.ts';
import { addNoun, assertConfirmed, confirmOption, parseWholeNumber, splitList, withExample } from './define.ts';
import { type Owner, printFromOwner, printListFromOwner } from './owner.ts';
import { pageSize, readPages } from './read-pages.ts';

const columns = ['id', 'name', 'registration_open', 'disabled_at', 'created_at'];

/** A number of its own, or the one of the configuration. */
type LimitValue = number | 'default';

const parseLimit = (text: string): LimitValue => (text === 'default' ? text : parseWholeNumber(text));
const toLimit = (value: LimitValue) => (value === 'default' ? null : value);

/** Settings of a tenant as options, and what each value writes. The ranges are judged with the tenant. */
const settings: readonly { readonly option: Option; readonly toUpdate: (value: never) => TenantUpdate }[] = [
  {
    option: new Option('--registration <policy>', 'whether users can sign up').choices(['open', 'closed']),
    toUpdate: (value: string) => ({ registrationOpen: value === 'open' }),
  },
  {
    option: new Option('--max-active-minutes <n>', 'lifetime of a session, or default').argParser(parseLimit),
    toUpdate: (value: LimitValue) => ({ maxActiveMinutes: toLimit(value) }),
  },
  {
    option: new Option('--max-idle-minutes <n>', 'idle timeout of a session, or default').argParser(parseLimit),
    toUpdate: (value: LimitValue) => ({ maxIdleMinutes: toLimit(value) }),
  },
  {
    option: new Option('--email-verification <policy>', 'whether addresses are verified').choices(emailVerifications),
    toUpdate: (emailVerification: TenantUpdate['emailVerification']) => ({ emailVerification }),
  },
  {
    option: new Option('--email-sign-in <policy>', 'sign-in by a link in a mail').choices(['on', 'off']),
    toUpdate: (value: string) => ({ emailSignIn: value === 'on' }),
  },
  {
    option: new Option('--password-min-length <n>', 'characters of a password, or default').argParser(parseLimit),
    toUpdate: (value: LimitValue) => ({ passwordMinLength: toLimit(value) }),
  },
  {
    option: new Option('--allowed-domains <a,b>', 'domains of addresses, or all').argParser(splitList),
    toUpdate: (domains: readonly string[]) => ({ allowedDomains: domains.join() === 'all' ? [] : domains }),
  },
  {
    option: new Option('--max-sessions <n>', 'sessions of a user, or default').argParser(parseLimit),
    toUpdate: (value: LimitValue) => ({ maxSessions: toLimit(value) }),
  },
  {
    option: new Option('--session-limit <policy>', 'what happens at that number').choices(sessionLimitPolicies),
    toUpdate: (sessionLimit: TenantUpdate['sessionLimit']) => ({ sessionLimit }),
  },
  {
    option: new Option('--locale <tag>', 'language of mails (BCP 47), or default'),
    toUpdate: (text: string) => ({ locale: text === 'default' ? null : text }),
  },
];

type SettingValues = Readonly<Record<string, unknown>>;

/** Adds `tenant`. */
export function addTenant(program: Command, context: CommandContext): void {
  const tenant = addNoun(program, 'tenant', 'Finds, creates, changes and deletes tenants.');
  withExample(
    tenant
      .command('list')
      .description('Lists tenants.')
      .action(() => printListFromOwner(context, listTenants, columns)),
    'tenant list',
  );
  const create = tenant
    .command('create')
    .description('Creates a tenant.')
    .argument('<id>', 'lower-case letters, digits, - and _')
    .argument('<name>')
    .action((id: string, name: string, values: SettingValues) =>
      printFromOwner(context, (owner) => owner.createTenant({ ...toUpdate(values), id, name })),
    );
  withExample(create, 'tenant create shop Shop --registration open --password-min-length 12');
  const set = tenant
    .command('set')
    .description('Changes settings of a tenant.')
    .argument('<id>')
    .option('--name <name>', 'the name')
    .action((id: string, { name, ...values }: SettingValues & { readonly name?: string }) => {
      const update = { ...toUpdate(values), ...(name === undefined ? {} : { name }) };
      return printFromOwner(context, (owner) => owner.updateTenant({ id, update: assertSome(update, set) }));
    });
  withExample(set, 'tenant set shop --max-sessions 5 --session-limit refuse');
  for (const { option } of settings) {
    create.addOption(option);
    set.addOption(option);
  }
  addTenantVerbs(tenant, context);
}

/** The verbs about one tenant. */
function addTenantVerbs(tenant: Command, context: CommandContext): void {
  const addVerb = (
    name: string,
    description: string,
    run: (owner: Owner, id: string, options: { readonly yes?: true }) => Promise<unknown>,
  ) =>
    tenant
      .command(name)
      .description(description)
      .argument('<id>')
      .action((id: string, options: { readonly yes?: true }) =>
        printFromOwner(context, (owner) => run(owner, id, options)),
      );
  const addUpdate = (name: string, description: string, update: TenantUpdate) =>
    addVerb(name, description, (owner, id) => owner.updateTenant({ id, update }));
  withExample(
    addVerb('show', 'Shows a tenant.', (owner, id) => owner.findTenant(id)),
    'tenant show shop',
  );
  withExample(
    addUpdate('disable', 'Disables a tenant, and ends its sessions.', { disabled: true }),
    'tenant disable shop',
  );
  withExample(addUpdate('enable', 'Lets users of a tenant sign in again.', { disabled: false }), 'tenant enable shop');
  const remove = addVerb('delete', 'Deletes a disabled tenant without users.', async (owner, id, options) => {
    assertConfirmed(options, `deletes the tenant ${id}`);
    return owner.deleteTenant(id);
  });
  withExample(remove.addOption(confirmOption()), 'tenant disable shop', 'tenant delete shop --yes');
}

const listTenants = (owner: Owner): AsyncGenerator<readonly AdminTenant[]> =>
  readPages('tenants', (cursor) => owner.listTenants({ limit: pageSize, cursor }));

function toUpdate(values: SettingValues): TenantUpdate {
  const given = settings.filter(({ option }) => option.attributeName() in values);
  return Object.assign(
    {},
    ...given.map(({ option, toUpdate: write }) => write(values[option.attributeName()] as never)),
  );
}

function assertSome(update: TenantUpdate, { options }: Command): TenantUpdate {
  if (Object.keys(update).length > 0) return update;
  throw new CommandFailure(`Name a setting to change: ${options.map(({ long }) => long).join(', ')}.`);
}
