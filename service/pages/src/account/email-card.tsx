import type { CurrentUser } from '@latchkey/contract';
import type { Account } from '@latchkey/sdk-browser/account';
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { Form } from '../components/form.tsx';
import { passwordField } from '../components/known-fields.ts';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { CodeForm } from '../mail/code-form.tsx';
import { ResendButton } from '../mail/resend-button.tsx';
import { Filled } from '../words/filled.tsx';
import { words } from '../words/words.ts';
import { doneMessage } from './session-messages.ts';

interface EmailCardProps {
  /** Without `email_verified`, which a service of an older version does not send, there is nothing to verify. */
  readonly me: Pick<CurrentUser, 'email'> & { readonly email_verified?: boolean };
  readonly account: Pick<Account, 'requestVerification' | 'verify' | 'requestEmailChange' | 'verifyEmailChange'>;
  /** Reads the user again. */
  readonly reload: () => Promise<void>;
}

/** A mail whose code is waited for: one that this session requested, or that of the sign-up. */
type Waiting =
  | { readonly for: 'verification'; readonly isSignUp?: boolean }
  | { readonly for: 'change'; readonly email: string; readonly currentPassword: string };

/** The address of the account: whether it is verified, and the form that changes it. */
export function EmailCard({ me, account, reload }: EmailCardProps) {
  const waiting = useSignal<Waiting | undefined>(undefined);
  const isChanging = useSignal(false);
  const result = useResult();
  const title = useRef<HTMLHeadingElement>(null);
  const finish = async (work: () => Promise<string>): Promise<void> => {
    const message = await work();
    waiting.value = undefined;
    isChanging.value = false;
    await result.run(async () => message);
    // The form that had the focus is not there any more.
    title.current?.focus();
    await reload();
  };
  const verify = (): Promise<boolean> =>
    result.run(async () => {
      await account.requestVerification();
      waiting.value = { for: 'verification' };
      return '';
    });
  const current = waiting.value;
  const isUnverified = me.email_verified === false;
  return (
    <section class="card" aria-labelledby="email-title" data-testid="email-card">
      <h2 id="email-title" tabindex={-1} ref={title}>
        {words().field.email}
      </h2>
      <p data-testid="email-state">
        <bdi class="address">{me.email}</bdi>{' '}
        {me.email_verified === true && <span class="badge">{words().account.verified}</span>}
        {isUnverified && <span class="badge bad">{words().account.notVerified}</span>}
      </p>
      {current?.for === 'verification' && (
        <WaitingForm
          sent={current.isSignUp ? words().account.signUpMailSent : words().account.mailSent}
          email={me.email ?? ''}
          submit={words().account.verifyAddress}
          send={(code) => finish(() => account.verify({ code }).then(() => words().account.addressVerified))}
          resend={account.requestVerification}
        />
      )}
      {current?.for === 'change' && (
        <WaitingForm
          sent={words().account.mailSent}
          email={current.email}
          submit={words().account.useAddress}
          send={(code) =>
            finish(() =>
              account
                .verifyEmailChange({ code })
                .then(({ ended }) => doneMessage(words().account.addressChanged, ended)),
            )
          }
          resend={() => account.requestEmailChange(current)}
        />
      )}
      <ResultMessage result={result} testId="email-news" />
      {current === undefined && isChanging.value && (
        <ChangeForm
          send={async (email, currentPassword) => {
            await account.requestEmailChange({ email, currentPassword });
            result.message.value = '';
            waiting.value = { for: 'change', email, currentPassword };
          }}
        />
      )}
      <Actions
        isOpen={current !== undefined || isChanging.value}
        verify={isUnverified ? verify : undefined}
        enterCode={() => {
          waiting.value = { for: 'verification', isSignUp: true };
        }}
        change={() => {
          isChanging.value = true;
        }}
        cancel={() => {
          waiting.value = undefined;
          isChanging.value = false;
        }}
      />
    </section>
  );
}

interface ActionsProps {
  /** A form is open, which can be left. */
  readonly isOpen: boolean;
  /** Requests a mail. `undefined`: the address is verified. */
  readonly verify: (() => unknown) | undefined;
  readonly enterCode: () => void;
  readonly change: () => void;
  readonly cancel: () => void;
}

function Actions({ isOpen, verify, enterCode, change, cancel }: ActionsProps) {
  const { verifyIt, haveCode, changeAddress } = words().account;
  return (
    <p class="actions">
      {!isOpen && verify !== undefined && (
        <>
          <button type="button" data-testid="verify-email" onClick={() => void verify()}>
            {verifyIt}
          </button>
          <button type="button" data-testid="have-code" onClick={enterCode}>
            {haveCode}
          </button>
        </>
      )}
      {/* One element, which keeps the focus when the form is left. */}
      <button type="button" data-testid={isOpen ? 'cancel-email' : 'change-email'} onClick={isOpen ? cancel : change}>
        {isOpen ? words().page.cancel : changeAddress}
      </button>
    </p>
  );
}

interface WaitingFormProps {
  /** Which mail has the code. */
  readonly sent: string;
  readonly email: string;
  readonly submit: string;
  readonly send: (code: string) => Promise<void>;
  readonly resend: () => Promise<unknown>;
}

function WaitingForm({ sent, email, submit, send, resend }: WaitingFormProps) {
  return (
    <>
      <p data-testid="mail-sent">
        <Filled text={sent} values={{ email: <bdi class="address">{email}</bdi> }} />
      </p>
      <CodeForm prefix="email-code" submit={submit} submitting={words().mail.checking} send={send} />
      <ResendButton resend={resend} />
    </>
  );
}

function ChangeForm({ send }: { readonly send: (email: string, password: string) => Promise<void> }) {
  const { newEmail, newEmailMissing, sendToIt, changeAddressAgain } = words().account;
  return (
    <Form
      prefix="email"
      autofocus
      fields={[{ name: 'new-email', label: newEmail, type: 'email', missing: newEmailMissing }, passwordField()]}
      submit={sendToIt}
      submitting={words().mail.sending}
      fieldOfCode={{ invalid_credentials: 'password' }}
      fieldOfPath={{ email: 'new-email', current_password: 'password' }}
      messages={{
        invalid_credentials: words().field.passwordWrong,
        reauthentication_required: changeAddressAgain,
      }}
      send={({ 'new-email': email = '', password = '' }) => send(email, password)}
    />
  );
}
