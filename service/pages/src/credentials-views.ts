import { pagePaths } from '@latchkey/contract';
import type { Session } from '@latchkey/sdk-browser';
import { element } from './element.ts';
import type { FieldOptions } from './field.ts';
import { createForm, type FormOptions } from './form.ts';
import { newPasswordHint } from './messages.ts';
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

type Send = FormOptions['send'];

/** Address and password of an existing account. */
export function signInForm(send: Send): FormOptions {
  return {
    prefix: 'sign-in',
    fields: [email, password],
    submit: 'Sign in',
    submitting: 'Signing in…',
    fieldOfCode: { invalid_credentials: 'password' },
    fieldOfPath,
    send,
  };
}

/** Address and password of a new account. */
export function signUpForm(send: Send): FormOptions {
  return {
    prefix: 'sign-up',
    fields: [
      email,
      { ...password, autocomplete: 'new-password', missing: 'Choose a password.', hint: newPasswordHint },
    ],
    submit: 'Make an account',
    submitting: 'Making your account…',
    fieldOfCode: { identifier_taken: 'email', weak_password: 'password' },
    fieldOfPath,
    send,
  };
}

/** The sign-in form. `notice` is the reason why it is shown. */
export function createSignInView(session: Session, notice: string | undefined): View {
  return createCredentialsView(
    { title: 'Sign in', notice, elsewhere: ['New here?', 'Make an account', pagePaths.signUp] },
    signInForm(async ({ email = '', password = '' }) => {
      await session.login({ email, password });
    }),
  );
}

/** The sign-up form. With `operatorInvite` the new user becomes an operator. */
export function createSignUpView(session: Session, notice: string | undefined, operatorInvite?: string): View {
  const lead = element(
    'p',
    { 'data-testid': 'lead' },
    'The user who signs up with this link becomes an operator of the service.',
  );
  return createCredentialsView(
    {
      title: 'Make an account',
      notice,
      ...(operatorInvite === undefined ? {} : { lead }),
      elsewhere: ['Already have an account?', 'Sign in', pagePaths.signIn],
    },
    signUpForm(async ({ email = '', password = '' }) => {
      await session.register({ email, password, ...(operatorInvite === undefined ? {} : { operatorInvite }) });
    }),
  );
}

/** The code of `/signup#operator=<code>`, which stays in the address until it is used: a page may be loaded again. */
export function parseOperatorInvite(fragment: string): string | undefined {
  return new URLSearchParams(fragment.slice(1)).get('operator') || undefined;
}

interface CredentialsViewOptions {
  readonly title: string;
  readonly notice?: string | undefined;
  /** What comes after it, below the title. */
  readonly lead?: HTMLElement;
  /** Question, link text and address of the other form. */
  readonly elsewhere: readonly [string, string, string];
}

export function createCredentialsView(
  { title, notice, lead, elsewhere }: CredentialsViewOptions,
  options: FormOptions,
): View {
  const [question, link, path] = elsewhere;
  const node = element(
    'section',
    { class: 'card entry', 'aria-labelledby': 'title' },
    element('h1', { id: 'title', tabindex: -1 }, title),
    lead,
    notice === undefined
      ? undefined
      : element('p', { class: 'notice', role: 'alert', 'data-testid': 'notice' }, notice),
    createForm(options).node,
    element('p', { class: 'elsewhere' }, `${question} `, element('a', { href: path }, link)),
  );
  return Object.freeze({ title, node, update: () => {}, close: () => {} });
}
