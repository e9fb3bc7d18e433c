import type { LinkInspection } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { Card } from '../components/card.tsx';
import { tenantOfPages } from '../tenant.ts';
import { words } from '../words/words.ts';
import { ActionButton } from './action-button.tsx';
import { LinkView, type MailPageProps } from './link-view.tsx';
import { AskAgain } from './reset-view.tsx';

/** Sets the address of before a change, by the link that the old address got. */
export function UndoView({ secret, api }: MailPageProps) {
  const done = useSignal<LinkInspection | undefined>(undefined);
  if (done.value !== undefined)
    return (
      <Card title={words().mail.undone}>
        <p class="news" role="status" data-testid="undone">
          {words().mail.undoneNews}
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
      title={words().mail.undoTitle}
      purpose="undo_email_change"
      secret={secret}
      api={api}
      otherwise={null}
      render={(link, given) => (
        <>
          <p>{words().mail.undoLead}</p>
          <ActionButton label={words().mail.undo} act={() => undo(link, given)} />
        </>
      )}
    />
  );
}
