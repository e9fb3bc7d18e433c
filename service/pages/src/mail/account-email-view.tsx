import { type LinkInspection, pagePaths } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { Card } from '../components/card.tsx';
import { PageLink } from '../components/page-link.tsx';
import { tenantOfPages } from '../tenant.ts';
import { ActionButton } from './action-button.tsx';
import { LinkView, type MailPageProps } from './link-view.tsx';
import { loadPageSession } from './load-page-session.ts';

/** Confirms a new address by the link of a mail, in a browser where the account is signed in: the link alone changes nothing. */
export function AccountEmailView({ secret, api }: MailPageProps) {
  const done = useSignal<LinkInspection | undefined>(undefined);
  if (done.value !== undefined)
    return (
      <Card title="Your address is changed">
        <p class="news" role="status" data-testid="email-changed">
          Sign in with the new address from now on. Your other sessions ended.
        </p>
        <p>
          <PageLink path={pagePaths.account} tenant={tenantOfPages(done.value.tenant)}>
            Go to your account
          </PageLink>
        </p>
      </Card>
    );
  return (
    <LinkView
      title="Use this address"
      purpose="change_email"
      secret={secret}
      api={api}
      otherwise={
        <p>
          <PageLink path={pagePaths.account}>Go to your account</PageLink>
        </p>
      }
      render={(link, given) => (
        <ConfirmForm
          link={link}
          secret={given}
          onDone={() => {
            done.value = link;
          }}
        />
      )}
    />
  );
}

interface ConfirmFormProps {
  readonly link: LinkInspection;
  readonly secret: string;
  readonly onDone: () => void;
}

function ConfirmForm({ link, secret, onDone }: ConfirmFormProps) {
  const isSignedOut = useSignal(false);
  const tenant = tenantOfPages(link.tenant);
  const confirm = async (): Promise<void> => {
    const { confirmEmailChange } = await loadPageSession();
    isSignedOut.value = false;
    if (await confirmEmailChange(tenant, secret)) onDone();
    else isSignedOut.value = true;
  };
  return (
    <>
      <p>Then this is the address of your account, and your other sessions end.</p>
      <ActionButton label="Use this address" act={confirm} />
      {isSignedOut.value && (
        <p class="notice" role="alert" data-testid="signed-out">
          You are not signed in here. <SignInElsewhere tenant={tenant} /> in another tab, then press the button again.
          Or type the code of the mail on the account page.
        </p>
      )}
    </>
  );
}

function SignInElsewhere({ tenant }: { readonly tenant: string | undefined }) {
  return (
    <PageLink path={pagePaths.signIn} tenant={tenant}>
      Sign in
    </PageLink>
  );
}
