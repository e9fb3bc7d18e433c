import { pagePaths } from '@latchkey/contract';
import type { ComponentChildren } from 'preact';
import { Card } from '../components/card.tsx';
import { Form, type FormProps } from '../components/form.tsx';
import { PageLink } from '../components/page-link.tsx';
import type { TextFieldOptions } from '../components/text-field.tsx';
import { newPasswordHint } from '../messages.ts';
import { MailCodeButton } from './mail-code-button.tsx';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export type EntryKind = 'sign-in' | 'sign-up';

interface CredentialsCardProps {
  readonly kind: EntryKind;
  /** Why the form is shown. */
  readonly notice: string | undefined;
  /** Placed below the title. */
  readonly lead?: ComponentChildren;
  /** The query of an app's request, which the other pages need as well. */
  readonly request: string | undefined;
  /** Fewest characters of a new password, once it is known. */
  readonly minLength: number | undefined;
  /** A forgotten password can be replaced. */
  readonly hasForgot: boolean | undefined;
  /** Mails a code to the address that is typed. `undefined`: the tenant does not offer it. */
  readonly mailCode: ((email: string) => Promise<void>) | undefined;
  readonly send: (credentials: Credentials) => Promise<void>;
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

interface Kind extends Pick<FormProps, 'submit' | 'submitting' | 'fieldOfCode'> {
  readonly title: string;
  readonly fields: (minLength: number | undefined) => readonly TextFieldOptions[];
  /** Question, link text and path of the other form. */
  readonly elsewhere: readonly [question: string, link: string, path: string];
}

const kinds: Readonly<Record<EntryKind, Kind>> = {
  'sign-in': {
    title: 'Sign in',
    fields: () => [email, password],
    submit: 'Sign in',
    submitting: 'Signing in…',
    fieldOfCode: { invalid_credentials: 'password' },
    elsewhere: ['New here?', 'Make an account', pagePaths.signUp],
  },
  'sign-up': {
    title: 'Make an account',
    fields: (minLength) => [
      email,
      { ...password, autocomplete: 'new-password', missing: 'Choose a password.', hint: newPasswordHint(minLength) },
    ],
    submit: 'Make an account',
    submitting: 'Making your account…',
    fieldOfCode: { identifier_taken: 'email', weak_password: 'password' },
    elsewhere: ['Already have an account?', 'Sign in', pagePaths.signIn],
  },
};

/** Address and password, of an existing account or of a new one. */
export function CredentialsCard(props: CredentialsCardProps) {
  const { kind, notice, lead, request, minLength, hasForgot = false, mailCode, send } = props;
  const { title, elsewhere, fields, ...form } = kinds[kind];
  const [question, link, path] = elsewhere;
  return (
    <Card title={title}>
      {lead !== undefined && <p data-testid="lead">{lead}</p>}
      {notice !== undefined && (
        <p class="notice" role="alert" data-testid="notice">
          {notice}
        </p>
      )}
      <Form
        {...form}
        prefix={kind}
        fields={fields(minLength)}
        fieldOfPath={{ email: 'email', password: 'password' }}
        send={({ email = '', password = '' }) => send({ email, password })}
      />
      {kind === 'sign-in' && mailCode !== undefined && <MailCodeButton mailCode={mailCode} />}
      {kind === 'sign-in' && hasForgot && (
        <p class="elsewhere">
          <PageLink path={pagePaths.forgot} request={request}>
            Forgot your password?
          </PageLink>
        </p>
      )}
      <p class="elsewhere">
        {question}{' '}
        <PageLink path={path} request={request}>
          {link}
        </PageLink>
      </p>
    </Card>
  );
}
