import type { EndedSessions, SignInOptions } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Form } from '../components/form.tsx';
import { useResource } from '../components/resource.ts';
import { newPasswordHint, otherSessionsEndedMessage } from '../messages.ts';
import { passwordFragment } from '../tenant.ts';

interface PasswordCardProps {
  /** A hidden field, by which password managers find the account. */
  readonly email: string;
  /** What the tenant asks of a new password. */
  readonly readOptions: () => Promise<Pick<SignInOptions, 'password_min_length'>>;
  readonly change: (current: string, next: string) => Promise<EndedSessions>;
}

/** The form that changes the password. */
export function PasswordCard({ email, readOptions, change }: PasswordCardProps) {
  const node = useRef<HTMLElement>(null);
  const news = useSignal('');
  const options = useResource(readOptions);
  const minLength = options.value.value?.password_min_length;
  useEffect(() => {
    void options.load();
    if (location.hash === passwordFragment) node.current?.querySelector<HTMLElement>('.field input')?.focus();
  }, []);
  const send = async ({ 'current-password': current = '', 'new-password': next = '' }, form: HTMLFormElement) => {
    news.value = '';
    const { ended } = await change(current, next);
    form.reset();
    news.value = `The password is changed. ${ended === 0 ? '' : otherSessionsEndedMessage(ended)}`.trim();
  };
  return (
    <section class="card" id="password" aria-labelledby="password-title" ref={node}>
      <h2 id="password-title">Password</h2>
      <p class="hint">A new password ends your other sessions.</p>
      <Form
        prefix="change"
        fields={[
          {
            name: 'current-password',
            label: 'Current password',
            type: 'password',
            autocomplete: 'current-password',
            missing: 'Enter your current password.',
          },
          {
            name: 'new-password',
            label: 'New password',
            type: 'password',
            autocomplete: 'new-password',
            missing: 'Choose a new password.',
            hint: newPasswordHint(minLength),
          },
        ]}
        submit="Change password"
        submitting="Changing…"
        fieldOfCode={{ invalid_credentials: 'current-password', weak_password: 'new-password' }}
        fieldOfPath={{
          current_password: 'current-password',
          new_password: 'new-password',
          password: 'new-password',
        }}
        messages={{
          invalid_credentials: 'This is not your current password.',
          reauthentication_required: 'You signed in some time ago. Log out, sign in again, then change the password.',
        }}
        send={send}
      >
        <input type="email" name="email" autocomplete="username" hidden readonly defaultValue={email} />
      </Form>
      <p class="news" role="status" data-testid="password-news">
        {news.value || undefined}
      </p>
    </section>
  );
}
