import { Failure, type LinkInspection, pagePaths, paths } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { Form } from '../components/form.tsx';
import { passwordField } from '../components/known-fields.ts';
import { PageLink } from '../components/page-link.tsx';
import { tenantOfPages } from '../tenant.ts';
import { Filled } from '../words/filled.tsx';
import { words } from '../words/words.ts';
import { ActionButton } from './action-button.tsx';
import { LinkView, type MailPageProps } from './link-view.tsx';
import { loadPageSession } from './load-page-session.ts';
import type { MailTicket } from './tickets.ts';
import { TypedCodeView } from './typed-code-view.tsx';

/** Verifies the address of a sign-up by the link of a mail, with the ticket of this browser, or with the password without one. */
export function VerifyView({ secret, api, tickets }: MailPageProps) {
  const ticket = tickets.find('verify_email');
  if (secret === undefined && ticket !== undefined && ticket.app === undefined)
    return <TypedCodeView purpose="verify_email" ticket={ticket} api={api} tickets={tickets} />;
  return (
    <LinkView
      title={words().mail.verifyTitle}
      purpose="verify_email"
      secret={secret}
      api={api}
      otherwise={
        <p>
          <Filled
            text={words().mail.signInForMail}
            values={{ signIn: <PageLink path={pagePaths.signIn}>{words().entry.signIn}</PageLink> }}
          />
        </p>
      }
      render={(link, given) => (
        <VerifyForm link={link} secret={given} ticket={ticket} forget={() => tickets.remove('verify_email')} />
      )}
    />
  );
}

interface VerifyFormProps {
  readonly link: LinkInspection;
  readonly secret: string;
  readonly ticket: MailTicket | undefined;
  readonly forget: () => void;
}

function VerifyForm({ link, secret, ticket, forget }: VerifyFormProps) {
  const isOthers = useSignal(ticket === undefined);
  const tenant = tenantOfPages(link.tenant);
  const signIn = async (proof: object): Promise<void> => {
    const { signInHere } = await loadPageSession();
    await signInHere(tenant, paths.emailVerify, { secret, ...proof });
    forget();
  };
  if (isOthers.value || ticket === undefined) return <PasswordForm signIn={(password) => signIn({ password })} />;
  const verify = (): Promise<void> =>
    signIn({ ticket: ticket.ticket }).catch((error: unknown) => {
      if (!(error instanceof Failure && error.code === 'link_invalid')) throw error;
      // The link may be that of another sign-up, whose ticket another browser has.
      isOthers.value = true;
    });
  return (
    <>
      {ticket.app !== undefined && (
        <p class="notice" data-testid="other-tab">
          <Filled text={words().mail.verifyOtherTab} values={{ app: <strong>{ticket.app}</strong> }} />
        </p>
      )}
      <ActionButton label={words().mail.verifyAndSignIn} act={verify} />
    </>
  );
}

function PasswordForm({ signIn }: { readonly signIn: (password: string) => Promise<void> }) {
  return (
    <>
      <p>{words().mail.verifyOtherBrowser}</p>
      <Form
        prefix="verify"
        autofocus
        fields={[passwordField(words().mail.accountPasswordMissing)]}
        submit={words().mail.verifyAndSignIn}
        submitting={words().mail.verifying}
        fieldOfCode={{ invalid_credentials: 'password' }}
        fieldOfPath={{ password: 'password' }}
        messages={{ invalid_credentials: words().mail.accountPasswordWrong }}
        send={({ password = '' }) => signIn(password)}
      />
    </>
  );
}
