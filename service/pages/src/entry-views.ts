import { pagePaths } from '@latchkey/contract';
import type { Session } from '@latchkey/sdk-browser';
import { element } from './element.ts';
import type { FieldOptions } from './field.ts';
import { createForm, type FormOptions } from './form.ts';
import type { View } from './view.ts';

const email: FieldOptions = {
  name: 'email',
  label: 'Email address',
  type: 'email',
  autocomplete: 'username',
  missing: 'Enter your email address.',
};

const password: FieldOptions = {
  name: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'current-password',
  missing: 'Enter your password.',
};

const fieldOfPath = { email: 'email', password: 'password' };

/** The form for people who have an account; `notice` says why they see it. */
export function createSignInView(session: Session, notice: string | undefined): View {
  return createEntry(
    { title: 'Sign in', notice, elsewhere: ['New here?', 'Make an account', pagePaths.signUp] },
    {
      prefix: 'sign-in',
      fields: [email, password],
      submit: 'Sign in',
      submitting: 'Signing in…',
      fieldOfCode: { invalid_credentials: 'password' },
      fieldOfPath,
      async send({ email = '', password = '' }) {
        await session.login({ email, password });
      },
    },
  );
}

/** The form for people who have none yet. */
export function createSignUpView(session: Session, notice: string | undefined): View {
  const hint = 'Long beats clever: a few words that do not belong together.';
  return createEntry(
    { title: 'Make an account', notice, elsewhere: ['Been here before?', 'Sign in', pagePaths.signIn] },
    {
      prefix: 'sign-up',
      fields: [email, { ...password, autocomplete: 'new-password', missing: 'Choose a password.', hint }],
      submit: 'Make an account',
      submitting: 'Making your account…',
      fieldOfCode: { identifier_taken: 'email', weak_password: 'password' },
      fieldOfPath,
      async send({ email = '', password = '' }) {
        await session.register({ email, password });
      },
    },
  );
}

interface Entry {
  readonly title: string;
  readonly notice: string | undefined;
  /** Question, link text and path of the other form. */
  readonly elsewhere: readonly [string, string, string];
}

function createEntry({ title, notice, elsewhere }: Entry, options: FormOptions): View {
  const [question, link, path] = elsewhere;
  const node = element(
    'section',
    { class: 'card entry', 'aria-labelledby': 'title' },
    element('h1', { id: 'title', tabindex: -1 }, title),
    notice === undefined
      ? undefined
      : element('p', { class: 'notice', role: 'alert', 'data-testid': 'notice' }, notice),
    createForm(options).node,
    element('p', { class: 'elsewhere' }, `${question} `, element('a', { href: path }, link)),
  );
  return Object.freeze({ title, node, update: () => {}, close: () => {} });
}
