import { Failure, paths } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useResource } from '../components/resource.ts';
import type { MailApi } from '../mail/mail-api.ts';
import { MailSentCard } from '../mail/mail-sent-card.tsx';
import { createTicket, type TicketPurpose, type Tickets } from '../mail/tickets.ts';
import { epochMs } from '../platform/timers.ts';
import { words } from '../words/words.ts';
import { type Credentials, CredentialsCard, type EntryKind } from './credentials-card.tsx';
import type { PostSignIn } from './post-sign-in.ts';

interface EntryViewProps {
  readonly kind: EntryKind;
  readonly tenant: string | undefined;
  /** Why the form is shown. */
  readonly notice: string | undefined;
  readonly lead?: ComponentChildren;
  /** The query and the origin of an app's request. */
  readonly redirect?: { readonly search: string; readonly origin: string };
  readonly operatorInvite?: string | undefined;
  readonly api: MailApi;
  readonly tickets: Tickets;
  readonly post: PostSignIn;
}

/** A mail that was asked for here, and is waited for. */
interface WaitingMail {
  readonly purpose: Exclude<TicketPurpose, 'reset_password'>;
  readonly email: string;
  readonly ticket: string;
}

/** Sign-in and sign-up, with the code of a mail where one is needed. */
export function EntryView({ kind, tenant, redirect, operatorInvite, api, tickets, post, ...card }: EntryViewProps) {
  const options = useResource(() => api.getOptions(tenant));
  const waiting = useSignal<WaitingMail | undefined>(undefined);
  useEffect(() => void options.load(), []);

  const wait = (mail: WaitingMail, seconds: number): void => {
    const app = redirect === undefined ? {} : { app: redirect.origin };
    const { purpose, email, ticket } = mail;
    tickets.save(purpose, { ticket, email, tenant, ...app, until: epochMs() + seconds * 1_000 });
    waiting.value = mail;
  };
  const signUp = async (who: Credentials, ticket: string): Promise<void> => {
    const invite = operatorInvite === undefined ? {} : { operator_invite: operatorInvite };
    const outcome = await post(paths.register, { ...who, tenant, ticket, ...invite });
    if (outcome === 'mail_sent') wait({ purpose: 'verify_email', email: who.email, ticket }, daySeconds);
  };
  const signIn = async (who: Credentials, ticket: string): Promise<void> => {
    try {
      await post(paths.login, { ...who, tenant });
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'email_unverified')) throw error;
      const { expires_in } = await api.requestVerification({ ...who, tenant, ticket });
      wait({ purpose: 'verify_email', email: who.email, ticket }, expires_in);
    }
  };
  const mailCode = async (email: string): Promise<void> => {
    const ticket = createTicket();
    const { expires_in } = await api.requestSignIn({ email, tenant, ticket });
    wait({ purpose: 'sign_in', email, ticket }, expires_in);
  };

  if (waiting.value !== undefined) {
    const { purpose, email, ticket } = waiting.value;
    const isSignIn = purpose === 'sign_in';
    const send = async (code: string): Promise<void> => {
      await post(isSignIn ? paths.loginEmailVerify : paths.emailVerify, { ticket, code });
      tickets.remove(purpose);
    };
    return (
      <MailSentCard
        email={email}
        lead={isSignIn ? words().mail.signInLead : words().mail.verifyLead}
        submit={isSignIn ? words().entry.signIn : words().mail.verifyAndSignIn}
        submitting={words().mail.checking}
        send={send}
        resend={() => (isSignIn ? api.requestSignIn({ email, tenant, ticket }) : api.requestVerification({ ticket }))}
        back={() => {
          waiting.value = undefined;
        }}
      />
    );
  }
  const { value: offered } = options.value;
  return (
    <CredentialsCard
      {...card}
      kind={kind}
      request={redirect?.search}
      minLength={offered?.password_min_length}
      hasForgot={offered?.mail_available}
      mailCode={offered?.email_sign_in === true ? mailCode : undefined}
      send={(who) => (kind === 'sign-up' ? signUp : signIn)(who, createTicket())}
    />
  );
}

const daySeconds = 24 * 3_600;
