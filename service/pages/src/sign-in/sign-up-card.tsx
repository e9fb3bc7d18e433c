import { pagePaths } from '@latchkey/contract';
import { Form } from '../components/form.tsx';
import { emailField, passwordField } from '../components/known-fields.ts';
import { newPasswordHint } from '../messages.ts';
import { words } from '../words/words.ts';
import type { Credentials } from './entry-actions.ts';
import { EntryCard, type EntryCardProps } from './entry-card.tsx';

interface SignUpCardProps extends EntryCardProps {
  /** Fewest characters of a new password, once it is known. */
  readonly minLength: number | undefined;
  readonly send: (credentials: Credentials) => Promise<void>;
}

/** Address and password of a new account. */
export function SignUpCard({ minLength, send, ...card }: SignUpCardProps) {
  const { entry } = words();
  return (
    <EntryCard
      {...card}
      title={entry.signUp}
      elsewhere={{ question: entry.hasAccount, link: entry.signIn, path: pagePaths.signIn }}
    >
      <Form
        prefix="sign-up"
        autofocus
        fields={[
          emailField(),
          {
            ...passwordField(entry.passwordMissing),
            autocomplete: 'new-password',
            hint: newPasswordHint(minLength),
          },
        ]}
        submit={entry.signUp}
        submitting={entry.signingUp}
        fieldOfCode={{ identifier_taken: 'email', weak_password: 'password' }}
        fieldOfPath={{ email: 'email', password: 'password' }}
        send={({ email = '', password = '' }) => send({ email, password })}
      />
    </EntryCard>
  );
}
