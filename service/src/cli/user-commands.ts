import type { AdminUser } from '@latchkey/contract';
import type { UserUpdate } from '../flow/admin/update-user.ts';
import { type AccountCommandDeps, assertConfirmed, findUserId } from './account-target.ts';
import type { ParsedArguments } from './parse-arguments.ts';
import { readAllPages, runVerb, type Verb, type VerbTable } from './verb-table.ts';

const pageSize = 100;

/** A verb about one user. */
const ofUser = (
  run: (deps: AccountCommandDeps, id: string, options: ParsedArguments['options']) => Promise<unknown>,
  flags: readonly string[] = [],
): Verb<AccountCommandDeps> => ({
  words: 1,
  options: ['tenant'],
  flags,
  run: async (deps, { positionals: [who = ''], options }) =>
    run(deps, await findUserId(deps, who, options.tenant), options),
});

const update = (change: UserUpdate) => ofUser(({ admin, actor }, id) => admin.updateUser(actor(), id, change));

const verbs: VerbTable<AccountCommandDeps> = {
  list: { words: 0, options: ['tenant', 'search'], flags: ['operators', 'disabled'], run: list },
  show: ofUser(({ admin, actor }, id) => admin.findUser(actor(), id)),
  create: { words: 1, options: ['tenant', 'name', 'locale'], flags: ['verified', 'require-password'], run: create },
  disable: update({ disabled: true }),
  enable: update({ disabled: false }),
  'require-password': update({ passwordChangeRequired: true }),
  'send-reset': ofUser(({ admin, actor }, id) => admin.mailPasswordReset(actor(), id)),
  delete: ofUser(remove, ['yes']),
};

/**
 * What follows `user` on the command line, done. A user is named by an id, or by an address and `--tenant`.
 *
 * @returns what is printed
 * @throws invalid_request · not_found · forbidden · what the call of `/admin` throws
 */
export function runUserCommand(given: readonly string[], deps: AccountCommandDeps): Promise<unknown> {
  return runVerb('user', verbs, given, deps);
}

function list({ admin, actor }: AccountCommandDeps, { options }: ParsedArguments): Promise<AdminUser[]> {
  const filter = {
    tenantId: options.tenant,
    search: options.search,
    ...('operators' in options ? { operator: true } : {}),
    ...('disabled' in options ? { disabled: true } : {}),
  };
  return readAllPages(async (cursor) => {
    const { users: rows, next_cursor: next } = await admin.listUsers(actor(), { ...filter, limit: pageSize, cursor });
    return { rows, next };
  });
}

function create({ admin, actor }: AccountCommandDeps, { positionals, options }: ParsedArguments): Promise<AdminUser> {
  const fields = {
    email: positionals[0]!,
    name: options.name,
    locale: options.locale,
    email_verified: 'verified' in options,
    password_change_required: 'require-password' in options,
  };
  return admin.createUser(actor(), { tenantId: options.tenant ?? 'default', fields });
}

async function remove(
  { admin, actor }: AccountCommandDeps,
  id: string,
  options: ParsedArguments['options'],
): Promise<unknown> {
  const { email } = await admin.findUser(actor(), id);
  assertConfirmed(options, `the user ${email ?? id}, with sessions and data`);
  return { removed: id, ...(await admin.deleteUser(actor(), id)) };
}
