import { pagePaths } from '@latchkey/contract';
import type { ComponentChildren } from 'preact';
import { Card } from '../components/card.tsx';
import { Form, type FormProps } from '../components/form.tsx';
import { emailField, passwordField } from '../components/known-fields.ts';
import { PageLink } from '../components/page-link.tsx';
import type { TextFieldOptions } from '../components/text-field.tsx';
import { newPasswordHint } from '../messages.ts';
import { words } from '../words/words.ts';
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

interface Kind extends Pick<FormProps, 'submit' | 'submitting' | 'fieldOfCode'> {
  readonly title: string;
  readonly fields: readonly TextFieldOptions[];
  /** Question, link text and path of the other form. */
  readonly elsewhere: readonly [question: string, link: string, path: string];
}

function signInForm(): Kind {
  const { entry } = words();
  return {
    title: entry.signIn,
    fields: [emailField(), passwordField()],
    submit: entry.signIn,
    submitting: entry.signingIn,
    fieldOfCode: { invalid_credentials: 'password' },
    elsewhere: [entry.newHere, entry.signUp, pagePaths.signUp],
  };
}

function signUpForm(minLength: number | undefined): Kind {
  const { entry } = words();
  return {
    title: entry.signUp,
    fields: [
      emailField(),
      {
        ...passwordField(),
        autocomplete: 'new-password',
        missing: entry.passwordMissing,
        hint: newPasswordHint(minLength),
      },
    ],
    submit: entry.signUp,
    submitting: entry.signingUp,
    fieldOfCode: { identifier_taken: 'email', weak_password: 'password' },
    elsewhere: [entry.hasAccount, entry.signIn, pagePaths.signIn],
  };
}

/** Address and password, of an existing account or of a new one. */
export function CredentialsCard(props: CredentialsCardProps) {
  const { kind, notice, lead, request, minLength, hasForgot = false, mailCode, send } = props;
  const { title, elsewhere, ...form } = kind === 'sign-in' ? signInForm() : signUpForm(minLength);
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
        fieldOfPath={{ email: 'email', password: 'password' }}
        send={({ email = '', password = '' }) => send({ email, password })}
      />
      {kind === 'sign-in' && mailCode !== undefined && <MailCodeButton mailCode={mailCode} />}
      {kind === 'sign-in' && hasForgot && (
        <p class="elsewhere">
          <PageLink path={pagePaths.forgot} request={request}>
            {words().entry.forgot}
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
