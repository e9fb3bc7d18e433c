import { type LinkInspection, pagePaths } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Card } from '../components/card.tsx';
import { Form } from '../components/form.tsx';
import { newPasswordErrors, newPasswordField } from '../components/known-fields.ts';
import { PageLink } from '../components/page-link.tsx';
import { useResource } from '../components/resource.ts';
import { tenantOfPages } from '../tenant.ts';
import { words } from '../words/words.ts';
import { LinkView, type MailPageProps } from './link-view.tsx';
import { loadPageSession } from './load-page-session.ts';

/** Makes the account of an invitation, and signs in. Where another user is signed in in this browser, that session stays. */
export function InvitationView({ secret, api }: MailPageProps) {
  const { invitation, mail, page } = words();
  const kept = useSignal<LinkInspection | undefined>(undefined);
  if (kept.value !== undefined)
    return (
      <Card title={invitation.accepted}>
        <p class="news" role="status" data-testid="session-kept">
          {invitation.sessionKept}
        </p>
        <p>
          <PageLink path={pagePaths.account} tenant={tenantOfPages(kept.value.tenant)}>
            {page.toAccount}
          </PageLink>
        </p>
      </Card>
    );
  const accept = async (link: LinkInspection, given: string, name: string, password: string): Promise<void> => {
    const { acceptInvitationHere } = await loadPageSession();
    const proof = { secret: given, password, ...(name === '' ? {} : { name }) };
    if (!(await acceptInvitationHere(tenantOfPages(link.tenant), proof))) kept.value = link;
  };
  return (
    <LinkView
      title={invitation.title}
      purpose="accept_invitation"
      secret={secret}
      api={api}
      otherwise={
        <p>
          <PageLink path={pagePaths.signIn}>{mail.toSignIn}</PageLink>
        </p>
      }
      render={(link, given) => (
        <AccountForm api={api} tenant={link.tenant.id} send={(name, password) => accept(link, given, name, password)} />
      )}
    />
  );
}

interface AccountFormProps extends Pick<MailPageProps, 'api'> {
  readonly tenant: string;
  readonly send: (name: string, password: string) => Promise<void>;
}

function AccountForm({ api, tenant, send }: AccountFormProps) {
  const { entry, invitation } = words();
  const options = useResource(() => api.getOptions(tenant));
  useEffect(() => void options.load(), []);
  const { fieldOfCode, fieldOfPath } = newPasswordErrors;
  return (
    <Form
      prefix="invitation"
      autofocus
      fields={[
        { name: 'name', label: invitation.name, type: 'text', hint: invitation.nameHint },
        newPasswordField(options.value.value?.password_min_length),
      ]}
      fieldOfCode={fieldOfCode}
      fieldOfPath={{ ...fieldOfPath, name: 'name' }}
      messages={{ identifier_taken: invitation.taken }}
      submit={entry.signUp}
      submitting={entry.signingUp}
      send={({ name = '', 'new-password': password = '' }) => send(name, password)}
    />
  );
}
