import type { AdminUser, AdminUserPatch, NewAdminUser } from '@latchkey/contract';
import type { FieldOptions, Values } from '../components/form.tsx';
import { fill, words } from '../words/words.ts';
import type { ConsoleApi } from './console-api.ts';
import { openForm } from './dialogs.tsx';
import { jsonField, parseJsonField } from './json-field.ts';
import { accountName } from './labels.ts';

const form = {
  prefix: 'user',
  fieldOfPath: {
    ...Object.fromEntries(
      ['email', 'name', 'picture', 'locale', 'app_metadata', 'user_metadata', 'password'].map((name) => [name, name]),
    ),
    tenant_id: 'tenant',
  },
  fieldOfCode: { identifier_taken: 'email', tenant_unknown: 'tenant', weak_password: 'password' },
} as const;

/** Fields of new and of existing users. Address and password of a user of a hook are of the hook's system. */
function fieldsOf(user: AdminUser | undefined): readonly FieldOptions[] {
  const { console, field, profile, users } = words();
  const email = { name: 'email', label: field.email, type: 'email', missing: field.emailMissing } as const;
  const flags = [
    ...(user?.email_verified ? ['verified'] : []),
    ...(user?.password_change_required ? ['password'] : []),
  ];
  const isManagedHere = (user?.external_id ?? null) === null;
  return [
    ...(isManagedHere ? [{ ...email, initial: user?.email ?? '' }] : []),
    { name: 'name', label: console.name, type: 'text', initial: user?.name ?? '' },
    {
      ...({ name: 'picture', label: profile.picture, type: 'text', hint: profile.pictureHint } as const),
      initial: user?.picture ?? '',
    },
    { name: 'locale', label: users.locale, type: 'text', hint: users.localeHint, initial: user?.locale ?? '' },
    jsonField({ name: 'app_metadata', label: users.appMetadata, hint: users.appMetadataHint }, user?.app_metadata),
    jsonField({ name: 'user_metadata', label: users.userMetadata, hint: users.userMetadataHint }, user?.user_metadata),
    ...(isManagedHere
      ? [
          {
            ...({ name: 'flags', label: users.flags, type: 'choices', ticked: flags } as const),
            options: [
              ['verified', users.flagVerified],
              ['password', users.flagPassword],
            ] as const,
          },
        ]
      : []),
  ];
}

function toFields({ name = '', picture = '', locale = '', app_metadata = '', user_metadata = '', flags }: Values) {
  const chosen = flags?.split(' ');
  return {
    name: name === '' ? null : name,
    picture: picture === '' ? null : picture,
    locale: locale === '' ? null : locale,
    app_metadata: parseJsonField('app_metadata', app_metadata),
    user_metadata: parseJsonField('user_metadata', user_metadata),
    ...(chosen === undefined
      ? {}
      : { email_verified: chosen.includes('verified'), password_change_required: chosen.includes('password') }),
  };
}

/** Only what was changed, because another address ends the sessions of the user. */
export function toPatch(user: AdminUser, values: Values): AdminUserPatch {
  const { email } = values;
  const given = { ...toFields(values), ...(email === undefined ? {} : { email }) };
  const isSame = (name: string, value: unknown) =>
    JSON.stringify(user[name as keyof AdminUser]) === JSON.stringify(value);
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => !isSame(name, value)));
}

/** @param onSent gets what to say */
export function openUserForm(api: ConsoleApi, user: AdminUser, onSent: (done: string) => void): void {
  const { console, users } = words();
  const name = accountName(user);
  openForm({
    ...form,
    title: fill(users.changeTitle, { user: name }),
    lead: users.changeLead,
    fields: fieldsOf(user),
    submit: console.save,
    submitting: console.saving,
    async send(values) {
      const patch = toPatch(user, values);
      return Object.keys(patch).length === 0 ? user : api.changeUser(user.id, patch);
    },
    onSent: () => onSent(fill(users.changed, { user: name })),
  });
}

/** @param onSent gets what to say */
export function openNewUserForm(api: ConsoleApi, tenant: string, onSent: (done: string) => void): void {
  const { account, console, field, users } = words();
  openForm({
    ...form,
    title: users.add,
    fields: [
      { name: 'tenant', label: account.tenant, type: 'text', initial: tenant === '' ? 'default' : tenant },
      ...fieldsOf(undefined),
      { name: 'password', label: field.password, type: 'password', hint: users.passwordHint },
    ],
    submit: console.add,
    submitting: console.adding,
    send: (values) => api.createUser(toNewUser(values)),
    onSent: ({ email = '' }) => onSent(fill(users.added, { user: email })),
  });
}

function toNewUser({ tenant = '', email = '', password = '', ...values }: Values): NewAdminUser {
  return { tenant_id: tenant, email, ...(password === '' ? {} : { password }), ...toFields(values) };
}
