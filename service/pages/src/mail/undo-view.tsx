import type { LinkInspection } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { Card } from '../components/card.tsx';
import { tenantOfPages } from '../tenant.ts';
import { ActionButton } from './action-button.tsx';
import { LinkView, type MailPageProps } from './link-view.tsx';
import { AskAgain } from './reset-view.tsx';

/** Sets the address of before a change, by the link that the old address got. */
export function UndoView({ secret, api }: MailPageProps) {
  const done = useSignal<LinkInspection | undefined>(undefined);
  if (done.value !== undefined)
    return (
      <Card title="The change is undone">
        <p class="news" role="status" data-testid="undone">
          Your account has its old address again. Every session ended, and the password is not valid any more: choose a
          new one.
        </p>
        <AskAgain tenant={tenantOfPages(done.value.tenant)} />
      </Card>
    );
  const undo = async (link: LinkInspection, given: string): Promise<void> => {
    await api.undoEmailChange(given);
    done.value = link;
  };
  return (
    <LinkView
      title="Undo the change of your address"
      purpose="undo_email_change"
      secret={secret}
      api={api}
      otherwise={null}
      render={(link, given) => (
        <>
          <p>
            The account gets this address back. All devices are signed out, and the password does not work any more: you
            choose a new one by mail.
          </p>
          <ActionButton label="Undo the change" act={() => undo(link, given)} />
        </>
      )}
    />
  );
}
