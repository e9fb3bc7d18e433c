import { pagePaths } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Card } from '../components/card.tsx';
import { Form } from '../components/form.tsx';
import { emailField, newPasswordErrors, newPasswordField } from '../components/known-fields.ts';
import { PageLink } from '../components/page-link.tsx';
import { epochMs } from '../platform/timers.ts';
import { isRedirectQuery } from '../redirect/redirect-request.ts';
import { getSignInMemory } from '../sign-in/sign-in-memory.ts';
import { useOptions } from '../sign-in/use-options.ts';
import { tenantFromUrl } from '../tenant.ts';
import { Filled } from '../words/filled.tsx';
import { formatDuration } from '../words/formats.ts';
import { words } from '../words/words.ts';
import { CodeForm } from './code-form.tsx';
import type { MailPageProps } from './link-view.tsx';
import { PasswordSetCard } from './password-set-card.tsx';
import { ResendButton } from './resend-button.tsx';
import { createTicket, type MailTicket } from './tickets.ts';

/** Asks for a mail, then for its code and a new password. The answer is the same for an address without an account. */
export function ForgotView({ api, tickets }: MailPageProps) {
  const tenant = tenantFromUrl(location);
  const options = useOptions(() => api.getOptions(tenant));
  const sent = useSignal<MailTicket | undefined>(tickets.find('reset_password'));
  const isDone = useSignal(false);
  const carried = useMemo(() => getSignInMemory().takeAddress(), []);
  const request = async (email: string, ticket: string): Promise<void> => {
    const { expires_in } = await api.requestReset({ email, tenant, ticket });
    sent.value = { email, tenant, ticket, until: epochMs() + expires_in * 1_000 };
    tickets.save('reset_password', sent.value);
  };
  const forget = (): void => {
    tickets.remove('reset_password');
    sent.value = undefined;
  };
  if (isDone.value) return <PasswordSetCard />;
  if (sent.value === undefined)
    return <AddressCard initial={carried} send={(email) => request(email, createTicket())} search={location.search} />;
  const { email, ticket } = sent.value;
  const reset = async (code: string, newPassword: string): Promise<void> => {
    await api.resetPassword({ ticket, code }, newPassword);
    forget();
    isDone.value = true;
  };
  return (
    <CodeCard
      sent={sent.value}
      minLength={options?.password_min_length}
      send={reset}
      resend={() => request(email, ticket)}
      back={forget}
    />
  );
}

interface AddressCardProps {
  /** The address that was typed on the page before. */
  readonly initial: string | undefined;
  readonly search: string;
  readonly send: (email: string) => Promise<void>;
}

function AddressCard({ initial, search, send }: AddressCardProps) {
  return (
    <Card title={words().mail.resetTitle}>
      <p>{words().mail.forgotLead}</p>
      <Form
        prefix="forgot"
        autofocus
        fields={[emailField(initial)]}
        submit={words().mail.send}
        submitting={words().mail.sending}
        fieldOfPath={{ email: 'email' }}
        send={({ email = '' }) => send(email)}
      />
      <p class="elsewhere">
        <PageLink path={pagePaths.signIn} request={isRedirectQuery(search) ? search : undefined}>
          {words().mail.backToSignIn}
        </PageLink>
      </p>
    </Card>
  );
}

interface CodeCardProps {
  readonly minLength: number | undefined;
  readonly sent: MailTicket;
  readonly send: (code: string, newPassword: string) => Promise<void>;
  readonly resend: () => Promise<void>;
  readonly back: () => void;
}

function CodeCard({ sent: { email, until }, minLength, send, resend, back }: CodeCardProps) {
  return (
    <Card title={words().mail.lookTitle}>
      <p data-testid="mail-sent">
        <Filled
          text={words().mail.resetSent}
          values={{ email: <bdi class="address">{email}</bdi>, duration: formatDuration(until - epochMs()) }}
        />
      </p>
      <CodeForm
        {...newPasswordErrors}
        prefix="forgot"
        further={[newPasswordField(minLength)]}
        submit={words().mail.setPassword}
        submitting={words().mail.settingPassword}
        send={(code, { 'new-password': next = '' }) => send(code, next)}
      />
      <ResendButton resend={resend} />
      <p class="elsewhere">
        <button type="button" class="as-link" data-testid="back" onClick={back}>
          {words().mail.otherAddress}
        </button>
      </p>
    </Card>
  );
}
