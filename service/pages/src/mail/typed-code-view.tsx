import { pagePaths, paths } from '@latchkey/contract';
import { pageUrl } from '../tenant.ts';
import { words } from '../words/words.ts';
import type { MailPageProps } from './link-view.tsx';
import { loadPageSession } from './load-page-session.ts';
import { MailSentCard } from './mail-sent-card.tsx';
import type { MailTicket } from './tickets.ts';

interface TypedCodeViewProps extends Pick<MailPageProps, 'api' | 'tickets'> {
  readonly purpose: 'verify_email' | 'sign_in';
  readonly ticket: MailTicket;
}

/** Takes the code of a mail that this browser asked for earlier, in a tab that was loaded again or closed. */
export function TypedCodeView({ purpose, ticket: { ticket, email, tenant }, api, tickets }: TypedCodeViewProps) {
  const isSignIn = purpose === 'sign_in';
  const send = async (code: string): Promise<void> => {
    const { signInHere } = await loadPageSession();
    await signInHere(tenant, isSignIn ? paths.loginEmailVerify : paths.emailVerify, { ticket, code });
    tickets.remove(purpose);
  };
  return (
    <MailSentCard
      email={email}
      lead={words().mail.typeLead}
      submit={words().entry.signIn}
      submitting={words().mail.checking}
      send={send}
      resend={() => (isSignIn ? api.requestSignIn({ email, tenant, ticket }) : api.requestVerification({ ticket }))}
      back={() => location.assign(pageUrl(pagePaths.signIn, tenant))}
    />
  );
}
