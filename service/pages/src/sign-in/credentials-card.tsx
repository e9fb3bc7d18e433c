import { pagePaths } from '@latchkey/contract';
import type { ComponentChildren } from 'preact';
import { Form, type FormProps } from '../components/form.tsx';
import { PageLink } from '../components/page-link.tsx';
import type { TextFieldOptions } from '../components/text-field.tsx';
import { useTitle } from '../components/use-title.ts';
import { newPasswordHint } from '../messages.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

interface CredentialsCardProps {
  readonly kind: 'sign-in' | 'sign-up';
  /** Why the form is shown. */
  readonly notice?: string | undefined;
  /** Placed below the title. */
  readonly lead?: ComponentChildren;
  /** The query of an app's request, which the other form needs as well. */
  readonly request?: string;
  readonly send: (credentials: Credentials) => Promise<unknown>;
}

const email: TextFieldOptions = {
  name: 'email',
  label: 'Email address',
  type: 'email',
  autocomplete: 'username',
  missing: 'Enter your email address.',
};

const password: TextFieldOptions = {
  name: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'current-password',
  missing: 'Enter your password.',
};

interface Kind extends Pick<FormProps, 'fields' | 'submit' | 'submitting' | 'fieldOfCode'> {
  readonly title: string;
  /** Question, link text and path of the other form. */
  readonly elsewhere: readonly [question: string, link: string, path: string];
}

const kinds: Readonly<Record<CredentialsCardProps['kind'], Kind>> = {
  'sign-in': {
    title: 'Sign in',
    fields: [email, password],
    submit: 'Sign in',
    submitting: 'Signing in…',
    fieldOfCode: { invalid_credentials: 'password' },
    elsewhere: ['New here?', 'Make an account', pagePaths.signUp],
  },
  'sign-up': {
    title: 'Make an account',
    fields: [
      email,
      { ...password, autocomplete: 'new-password', missing: 'Choose a password.', hint: newPasswordHint },
    ],
    submit: 'Make an account',
    submitting: 'Making your account…',
    fieldOfCode: { identifier_taken: 'email', weak_password: 'password' },
    elsewhere: ['Already have an account?', 'Sign in', pagePaths.signIn],
  },
};

/** Address and password, of an existing account or of a new one. */
export function CredentialsCard({ kind, notice, lead, request, send }: CredentialsCardProps) {
  const { title, elsewhere, ...form } = kinds[kind];
  const [question, link, path] = elsewhere;
  useTitle(title);
  return (
    <section class="card entry" aria-labelledby="title">
      <h1 id="title" tabindex={-1}>
        {title}
      </h1>
      {lead !== undefined && <p data-testid="lead">{lead}</p>}
      {notice !== undefined && (
        <p class="notice" role="alert" data-testid="notice">
          {notice}
        </p>
      )}
      <Form
        {...form}
        prefix={kind}
        fieldOfPath={{ email: 'email', password: 'password' }}
        send={async ({ email = '', password = '' }) => {
          await send({ email, password });
        }}
      />
      <p class="elsewhere">
        {question}{' '}
        {request === undefined ? <PageLink path={path}>{link}</PageLink> : <a href={path + request}>{link}</a>}
      </p>
    </section>
  );
}
