import { type LinkInspection, pagePaths } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { Form } from '../components/form.tsx';
import { newPasswordErrors, newPasswordField } from '../components/known-fields.ts';
import { PageLink } from '../components/page-link.tsx';
import { useOptions } from '../sign-in/use-options.ts';
import { tenantOfPages } from '../tenant.ts';
import { words } from '../words/words.ts';
import { LinkView, type MailPageProps } from './link-view.tsx';
import { PasswordSetCard } from './password-set-card.tsx';

/** Sets a new password by the link of a mail. */
export function ResetView({ secret, api, tickets }: MailPageProps) {
  const done = useSignal<LinkInspection | undefined>(undefined);
  if (done.value !== undefined) return <PasswordSetCard tenant={tenantOfPages(done.value.tenant)} />;
  const reset = async (link: LinkInspection, given: string, newPassword: string): Promise<void> => {
    await api.resetPassword({ secret: given }, newPassword);
    tickets.remove('reset_password');
    done.value = link;
  };
  return (
    <LinkView
      title={words().mail.resetTitle}
      purpose="reset_password"
      secret={secret}
      api={api}
      otherwise={<AskAgain />}
      render={(link, given) => (
        <PasswordForm api={api} tenant={link.tenant.id} send={(newPassword) => reset(link, given, newPassword)} />
      )}
    />
  );
}

/** The way to another mail. */
export function AskAgain({ tenant }: { readonly tenant?: string | undefined }) {
  return (
    <p>
      <PageLink path={pagePaths.forgot} tenant={tenant}>
        {words().mail.askAgain}
      </PageLink>
    </p>
  );
}

interface PasswordFormProps extends Pick<MailPageProps, 'api'> {
  readonly tenant: string;
  readonly send: (newPassword: string) => Promise<void>;
}

function PasswordForm({ api, tenant, send }: PasswordFormProps) {
  const options = useOptions(() => api.getOptions(tenant));
  return (
    <Form
      {...newPasswordErrors}
      prefix="reset"
      autofocus
      fields={[newPasswordField(options?.password_min_length)]}
      submit={words().mail.setPassword}
      submitting={words().mail.settingPassword}
      send={({ 'new-password': next = '' }) => send(next)}
    />
  );
}
