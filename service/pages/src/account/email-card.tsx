import type { CurrentUser } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { Form } from '../components/form.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { CodeForm } from '../mail/code-form.tsx';
import { ResendButton } from '../mail/resend-button.tsx';
import { otherSessionsEndedMessage } from '../messages.ts';
import type { AccountApi } from './account-api.ts';

interface EmailCardProps {
  /** Without `email_verified`, which a service of an older version does not send, there is nothing to verify. */
  readonly me: Pick<CurrentUser, 'email'> & { readonly email_verified?: boolean };
  readonly api: Pick<AccountApi, 'requestVerification' | 'verifyEmail' | 'requestEmailChange' | 'verifyEmailChange'>;
  /** Reads the user again. */
  readonly reload: () => Promise<void>;
}

/** A mail whose code is waited for, in this session. */
type Waiting =
  | { readonly for: 'verification' }
  | { readonly for: 'change'; readonly email: string; readonly password: string };

/** The address of the account: whether it is verified, and the form that changes it. */
export function EmailCard({ me, api, reload }: EmailCardProps) {
  const waiting = useSignal<Waiting | undefined>(undefined);
  const isChanging = useSignal(false);
  const result = useResult();
  const finish = async (work: () => Promise<string>): Promise<void> => {
    const news = await work();
    waiting.value = undefined;
    isChanging.value = false;
    await result.run(async () => news);
    await reload();
  };
  const verify = (): Promise<boolean> =>
    result.run(async () => {
      await api.requestVerification();
      waiting.value = { for: 'verification' };
      return '';
    });
  const current = waiting.value;
  const isUnverified = me.email_verified === false;
  return (
    <section class="card" aria-labelledby="email-title" data-testid="email-card">
      <h2 id="email-title">Email address</h2>
      <p data-testid="email-state">
        <bdi class="address">{me.email}</bdi> {me.email_verified === true && <span class="badge">Verified</span>}
        {isUnverified && <span class="badge bad">Not verified</span>}
      </p>
      {isUnverified && current === undefined && (
        <button type="button" data-testid="verify-email" onClick={() => void verify()}>
          Verify it
        </button>
      )}
      {current?.for === 'verification' && (
        <WaitingForm
          email={me.email ?? ''}
          submit="Verify the address"
          send={(code) => finish(() => api.verifyEmail(code).then(() => 'Your address is verified.'))}
          resend={api.requestVerification}
        />
      )}
      {current?.for === 'change' && (
        <WaitingForm
          email={current.email}
          submit="Use this address"
          send={(code) => finish(() => api.verifyEmailChange(code).then(({ ended }) => changedMessage(ended)))}
          resend={() => api.requestEmailChange(current.email, current.password)}
        />
      )}
      <ResultMessage result={result} testId="email-news" />
      {current === undefined && isChanging.value && (
        <ChangeForm
          send={async (email, password) => {
            await api.requestEmailChange(email, password);
            result.news.value = '';
            waiting.value = { for: 'change', email, password };
          }}
        />
      )}
      {current === undefined && !isChanging.value ? (
        <button
          type="button"
          data-testid="change-email"
          onClick={() => {
            isChanging.value = true;
          }}
        >
          Change the address
        </button>
      ) : (
        <button
          type="button"
          data-testid="cancel-email"
          onClick={() => {
            waiting.value = undefined;
            isChanging.value = false;
          }}
        >
          Cancel
        </button>
      )}
    </section>
  );
}

const changedMessage = (ended: number): string =>
  `Your address is changed. ${ended === 0 ? '' : otherSessionsEndedMessage(ended)}`.trim();

interface WaitingFormProps {
  readonly email: string;
  readonly submit: string;
  readonly send: (code: string) => Promise<void>;
  readonly resend: () => Promise<unknown>;
}

function WaitingForm({ email, submit, send, resend }: WaitingFormProps) {
  return (
    <>
      <p data-testid="mail-sent">
        A mail with a code of six digits is on its way to <bdi class="address">{email}</bdi>.
      </p>
      <CodeForm prefix="email-code" submit={submit} submitting="Checking…" send={send} />
      <ResendButton resend={resend} />
    </>
  );
}

function ChangeForm({ send }: { readonly send: (email: string, password: string) => Promise<void> }) {
  return (
    <Form
      prefix="email"
      autofocus
      fields={[
        { name: 'new-email', label: 'New email address', type: 'email', missing: 'Enter the new address.' },
        {
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'current-password',
          missing: 'Enter your password.',
        },
      ]}
      submit="Send a mail to it"
      submitting="Sending…"
      fieldOfCode={{ invalid_credentials: 'password' }}
      fieldOfPath={{ email: 'new-email', current_password: 'password' }}
      messages={{
        invalid_credentials: 'This is not your password.',
        reauthentication_required: 'You signed in some time ago. Log out, sign in again, then change the address.',
      }}
      send={({ 'new-email': email = '', password = '' }) => send(email, password)}
    />
  );
}
