import { type LinkInspection, pagePaths } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { Card } from '../components/card.tsx';
import { PageLink } from '../components/page-link.tsx';
import { tenantOfPages } from '../tenant.ts';
import { Filled } from '../words/filled.tsx';
import { words } from '../words/words.ts';
import { ActionButton } from './action-button.tsx';
import { LinkView, type MailPageProps } from './link-view.tsx';
import { loadPageSession } from './load-page-session.ts';

/** Confirms a new address by the link of a mail, in a browser where the account is signed in: the link alone changes nothing. */
export function AccountEmailView({ secret, api }: MailPageProps) {
  const done = useSignal<LinkInspection | undefined>(undefined);
  if (done.value !== undefined)
    return (
      <Card title={words().mail.changed}>
        <p class="news" role="status" data-testid="email-changed">
          {words().mail.changedNews}
        </p>
        <p>
          <PageLink path={pagePaths.account} tenant={tenantOfPages(done.value.tenant)}>
            {words().page.toAccount}
          </PageLink>
        </p>
      </Card>
    );
  return (
    <LinkView
      title={words().mail.changeTitle}
      purpose="change_email"
      secret={secret}
      api={api}
      otherwise={
        <p>
          <PageLink path={pagePaths.account}>{words().page.toAccount}</PageLink>
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
      <p>{words().mail.changeLead}</p>
      <ActionButton label={words().mail.changeTitle} act={confirm} />
      {isSignedOut.value && (
        <p class="notice" role="alert" data-testid="signed-out">
          <Filled text={words().mail.changeSignedOut} values={{ signIn: <SignInElsewhere tenant={tenant} /> }} />
        </p>
      )}
    </>
  );
}

function SignInElsewhere({ tenant }: { readonly tenant: string | undefined }) {
  return (
    <PageLink path={pagePaths.signIn} tenant={tenant}>
      {words().entry.signIn}
    </PageLink>
  );
}
