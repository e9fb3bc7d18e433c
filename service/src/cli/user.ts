import type { AdminUser } from '@latchkey/contract';
import type { Command } from 'commander';
import type { UserUpdate } from '../flow/admin/update-user.ts';
import type { CommandContext } from './command-context.ts';
import { addNoun, assertConfirmed, confirmOption, tenantOption, withExample } from './define.ts';
import { type Owner, printFromOwner, printListFromOwner } from './owner.ts';
import { pageSize, readPages } from './read-pages.ts';
import { addUserExport } from './user-export.ts';
import { addUserImport } from './user-import.ts';

const columns = ['id', 'tenant_id', 'email', 'name', 'operator', 'disabled_at', 'created_at'];

interface ListOptions {
  readonly tenant?: string;
  readonly search?: string;
  readonly operators?: true;
  readonly disabled?: true;
}

interface NewUserOptions {
  readonly tenant: string;
  readonly name?: string;
  readonly locale?: string;
  readonly verified?: true;
  readonly requirePassword?: true;
}

interface VerbOptions {
  readonly tenant: string;
  readonly yes?: true;
}

type UserVerb = (owner: Owner, id: string, options: VerbOptions) => Promise<unknown>;

/** Adds `user`: the users of tenants. A user is named by an id, or by an address and `--tenant`. */
export function addUser(program: Command, context: CommandContext): void {
  const user = addNoun(program, 'user', 'Finds, creates, changes and moves users.');
  withExample(
    user
      .command('list')
      .description('Lists users.')
      .option('--tenant <id>', 'users of this tenant')
      .option('--search <text>', 'a part of the address or the name')
      .option('--operators', 'only operators')
      .option('--disabled', 'only users who are disabled')
      .action((options: ListOptions) => printListFromOwner(context, (owner) => listUsers(owner, options), columns)),
    'user list --tenant shop --search ann',
  );
  withExample(
    user
      .command('create')
      .description('Creates a user without a password.')
      .argument('<email>')
      .addOption(tenantOption())
      .option('--name <name>', 'the name that others see')
      .option('--locale <tag>', 'the language of mails (BCP 47)')
      .option('--verified', 'the address is verified')
      .option('--require-password', 'asks for a new password at the next sign-in')
      .action((email: string, options: NewUserOptions) =>
        printFromOwner(context, (owner) => owner.createUser(toNewUser(email, options))),
      ),
    'user create ann@example.org --name Ann',
  );
  addUserVerbs(user, context);
  addUserImport(user, context);
  addUserExport(user, context);
}

/** The verbs about one user. */
function addUserVerbs(user: Command, context: CommandContext): void {
  const addVerb = (name: string, description: string, run: UserVerb) =>
    user
      .command(name)
      .description(description)
      .argument('<user>', 'id or address')
      .addOption(tenantOption('the tenant of the address'))
      .action((idOrEmail: string, options: VerbOptions) =>
        printFromOwner(context, async (owner) =>
          run(owner, await owner.findUserId({ idOrEmail, tenantId: options.tenant }), options),
        ),
      );
  const addUpdate = (name: string, description: string, update: UserUpdate) =>
    withExample(
      addVerb(name, description, (owner, id) => owner.updateUser({ id, update })),
      `user ${name} ann@example.org`,
    );
  withExample(
    addVerb('show', 'Shows a user.', (owner, id) => owner.findUser(id)),
    'user show ann@example.org --json',
  );
  addUpdate('disable', 'Disables a user, and ends the sessions.', { disabled: true });
  addUpdate('enable', 'Lets a disabled user sign in again.', { disabled: false });
  addUpdate('require-password', 'Asks for a new password at the next sign-in.', { passwordChangeRequired: true });
  withExample(
    addVerb('send-reset', 'Sends a mail with a link to set a new password.', (owner, id) =>
      owner.mailPasswordReset(id),
    ),
    'user send-reset ann@example.org',
  );
  withExample(
    addVerb('delete', 'Deletes a user, with sessions and data.', removeUser).addOption(confirmOption()),
    'user delete ann@example.org --yes',
  );
}

async function removeUser(owner: Owner, id: string, options: VerbOptions): Promise<unknown> {
  const { email } = await owner.findUser(id);
  assertConfirmed(options, `deletes the user ${email ?? id}, with sessions and data`);
  return { removed: id, ...(await owner.deleteUser(id)) };
}

function listUsers(owner: Owner, options: ListOptions): AsyncGenerator<readonly AdminUser[]> {
  const filter = {
    tenantId: options.tenant,
    search: options.search,
    operator: options.operators,
    disabled: options.disabled,
  };
  return readPages('users', (cursor) => owner.listUsers({ ...filter, limit: pageSize, cursor }));
}

function toNewUser(email: string, { tenant: tenantId, ...options }: NewUserOptions) {
  const fields = {
    email,
    name: options.name,
    locale: options.locale,
    email_verified: options.verified === true,
    password_change_required: options.requirePassword === true,
  };
  return { tenantId, fields };
}
