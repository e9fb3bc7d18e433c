import { Failure, type LinkInspection, pagePaths, paths } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { Form } from '../components/form.tsx';
import { PageLink } from '../components/page-link.tsx';
import { tenantOfPages } from '../tenant.ts';
import { ActionButton } from './action-button.tsx';
import { LinkView, type MailPageProps } from './link-view.tsx';
import { loadPageSession } from './load-page-session.ts';
import type { MailTicket } from './tickets.ts';
import { TypedCodeView } from './typed-code-view.tsx';

/** Verifies the address of a sign-up by the link of a mail. Who began it, shows the ticket; in another browser, the password. */
export function VerifyView({ secret, api, tickets }: MailPageProps) {
  const ticket = tickets.find('verify_email');
  if (secret === undefined && ticket !== undefined && ticket.app === undefined)
    return <TypedCodeView purpose="verify_email" ticket={ticket} api={api} tickets={tickets} />;
  return (
    <LinkView
      title="Verify your address"
      purpose="verify_email"
      secret={secret}
      api={api}
      otherwise={
        <p>
          <PageLink path={pagePaths.signIn}>Sign in</PageLink> to get a new mail.
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
          To return to <strong>{ticket.app}</strong>, type the code of the mail in the tab where you began. If you
          closed it, verify your address here, and sign in there again.
        </p>
      )}
      <ActionButton label="Verify and sign in" act={verify} />
    </>
  );
}

function PasswordForm({ signIn }: { readonly signIn: (password: string) => Promise<void> }) {
  return (
    <>
      <p>This is not the browser where you began, so the password of the account is needed as well.</p>
      <Form
        prefix="verify"
        autofocus
        fields={[
          {
            name: 'password',
            label: 'Password',
            type: 'password',
            autocomplete: 'current-password',
            missing: 'Enter the password of the account.',
          },
        ]}
        submit="Verify and sign in"
        submitting="Verifying…"
        fieldOfCode={{ invalid_credentials: 'password' }}
        fieldOfPath={{ password: 'password' }}
        messages={{ invalid_credentials: 'This is not the password of the account.' }}
        send={({ password = '' }) => signIn(password)}
      />
    </>
  );
}
