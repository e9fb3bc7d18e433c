import { type AdminTenant, emailVerifications, fail, sessionLimitPolicies } from '@latchkey/contract';
import type { TenantUpdate } from '../domain/tenant/tenant.ts';
import { type AccountCommandDeps, assertConfirmed } from './account-target.ts';
import { type ParsedArguments, splitList } from './parse-arguments.ts';
import { readAllPages, runVerb, type Verb, type VerbTable } from './verb-table.ts';

const pageSize = 100;

/** Options of `create` and `set`, and what each one writes. `default` is the value of the configuration. */
const settings: Readonly<Record<string, (text: string) => TenantUpdate>> = {
  name: (name) => ({ name }),
  registration: (text) => ({ registrationOpen: parseWord('registration', text, ['open', 'closed']) === 'open' }),
  'max-active-minutes': (text) => ({ maxActiveMinutes: parseNumber('max-active-minutes', text) }),
  'max-idle-minutes': (text) => ({ maxIdleMinutes: parseNumber('max-idle-minutes', text) }),
  'email-verification': (text) => ({ emailVerification: parseWord('email-verification', text, emailVerifications) }),
  'email-sign-in': (text) => ({ emailSignIn: parseWord('email-sign-in', text, ['on', 'off']) === 'on' }),
  'password-min-length': (text) => ({ passwordMinLength: parseNumber('password-min-length', text) }),
  'allowed-domains': (text) => ({ allowedDomains: text === 'all' ? [] : splitList(text) }),
  'max-sessions': (text) => ({ maxSessions: parseNumber('max-sessions', text) }),
  'session-limit': (text) => ({ sessionLimit: parseWord('session-limit', text, sessionLimitPolicies) }),
  locale: (text) => ({ locale: text === 'default' ? null : text }),
};

const update = (change: TenantUpdate): Verb<AccountCommandDeps> => ({
  words: 1,
  run: ({ admin, actor }, { positionals: [id = ''] }) => admin.updateTenant(actor(), id, change),
});

const verbs: VerbTable<AccountCommandDeps> = {
  list: { words: 0, run: list },
  show: { words: 1, run: ({ admin, actor }, { positionals: [id = ''] }) => admin.findTenant(actor(), id) },
  create: {
    words: 2,
    options: Object.keys(settings).filter((name) => name !== 'name'),
    run: ({ admin, actor }, { positionals: [id = '', name = ''], options }) =>
      admin.createTenant(actor(), { ...toUpdate(options), id, name }),
  },
  set: {
    words: 1,
    options: Object.keys(settings),
    run: ({ admin, actor }, { positionals: [id = ''], options }) =>
      admin.updateTenant(actor(), id, toUpdate(assertSome(options))),
  },
  disable: update({ disabled: true }),
  enable: update({ disabled: false }),
  delete: { words: 1, flags: ['yes'], run: remove },
};

/**
 * What follows `tenant` on the command line, done.
 *
 * @returns what is printed
 * @throws invalid_request · tenant_unknown · forbidden · what the call of `/admin` throws
 */
export function runTenantCommand(given: readonly string[], deps: AccountCommandDeps): Promise<unknown> {
  return runVerb('tenant', verbs, given, deps);
}

function list({ admin, actor }: AccountCommandDeps): Promise<AdminTenant[]> {
  return readAllPages(async (cursor) => {
    const { tenants: rows, next_cursor: next } = await admin.listTenants(actor(), { limit: pageSize, cursor });
    return { rows, next };
  });
}

async function remove({ admin, actor }: AccountCommandDeps, { positionals: [id = ''], options }: ParsedArguments) {
  assertConfirmed(options, `the tenant ${id}`);
  return admin.deleteTenant(actor(), id);
}

function toUpdate(options: ParsedArguments['options']): TenantUpdate {
  return Object.assign({}, ...Object.entries(options).map(([name, text]) => settings[name]!(text)));
}

function assertSome(options: ParsedArguments['options']) {
  if (Object.keys(options).length > 0) return options;
  throw fail('invalid_request', {
    message: `Say what to set: ${Object.keys(settings)
      .map((name) => `--${name}`)
      .join(', ')}.`,
  });
}

function parseWord<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === text);
  if (word === undefined) throw fail('invalid_request', { message: `--${name} is ${words.join(' or ')}.` });
  return word;
}

/** The range is judged with the tenant. */
function parseNumber(name: string, text: string): number | null {
  if (text === 'default') return null;
  if (!/^\d{1,7}$/.test(text)) throw fail('invalid_request', { message: `--${name} is a whole number or default.` });
  return Number(text);
}
