import type { SignInOptions } from '@latchkey/contract';
import type { Account } from '@latchkey/sdk-browser/account';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Form } from '../components/form.tsx';
import { HiddenUsername } from '../components/hidden-username.tsx';
import { newPasswordErrors, newPasswordField, passwordField } from '../components/known-fields.ts';
import { useOptions } from '../sign-in/use-options.ts';
import { passwordFragment } from '../tenant.ts';
import { words } from '../words/words.ts';
import { doneMessage } from './session-messages.ts';

interface PasswordCardProps {
  /** A hidden field, by which password managers find the account. */
  readonly email: string;
  /** What the tenant asks of a new password. */
  readonly readOptions: () => Promise<SignInOptions>;
  readonly change: Account['changePassword'];
}

/** The form that changes the password. */
export function PasswordCard({ email, readOptions, change }: PasswordCardProps) {
  const node = useRef<HTMLElement>(null);
  const { account } = words();
  const message = useSignal('');
  const minLength = useOptions(readOptions)?.password_min_length;
  useEffect(() => {
    if (location.hash === passwordFragment) node.current?.querySelector<HTMLElement>('.field input')?.focus();
  }, []);
  const send = async (
    { 'current-password': currentPassword = '', 'new-password': newPassword = '' },
    form: HTMLFormElement,
  ) => {
    message.value = '';
    const { ended } = await change({ currentPassword, newPassword });
    form.reset();
    message.value = doneMessage(account.passwordChanged, ended);
  };
  return (
    <section class="card" id="password" aria-labelledby="password-title" ref={node}>
      <h2 id="password-title">{words().field.password}</h2>
      <p class="hint">{account.passwordHint}</p>
      <Form
        prefix="change"
        fields={[
          {
            ...passwordField(account.currentPasswordMissing),
            name: 'current-password',
            label: account.currentPassword,
          },
          newPasswordField(minLength),
        ]}
        submit={account.changePassword}
        submitting={account.changing}
        fieldOfCode={{ ...newPasswordErrors.fieldOfCode, invalid_credentials: 'current-password' }}
        fieldOfPath={{ ...newPasswordErrors.fieldOfPath, current_password: 'current-password' }}
        messages={{
          invalid_credentials: account.currentPasswordWrong,
          reauthentication_required: account.changePasswordAgain,
        }}
        send={send}
      >
        <HiddenUsername email={email} />
      </Form>
      <p class="news" role="status" data-testid="password-news">
        {message.value || undefined}
      </p>
    </section>
  );
}
