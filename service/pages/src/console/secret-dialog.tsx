import { useSignal } from '@preact/signals';
import { words } from '../words/words.ts';
import { openDialog } from './dialogs.tsx';

/** A secret that is shown once. */
interface ShownSecret {
  readonly title: string;
  readonly lead: string;
  /** What the secret belongs to. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly label: string;
  readonly secret: string;
  /** The label of the button that copies it. */
  readonly copy: string;
}

/** Shows a secret once. The page contains it only while the dialog is open. */
export function showSecret(shown: ShownSecret): void {
  // It cannot be shown again, so only its own button closes the dialog.
  openDialog({
    title: shown.title,
    isPersistent: true,
    render: (close) => <Secret {...shown} close={close} />,
  });
}

function Secret({ lead, facts, label, secret, copy, close }: ShownSecret & { readonly close: () => void }) {
  const { backends } = words();
  const message = useSignal<string | undefined>(undefined);
  const copyIt = async (): Promise<void> => {
    message.value = await navigator.clipboard.writeText(secret).then(
      () => backends.copied,
      () => backends.notCopied,
    );
  };
  return (
    <>
      <p>{lead}</p>
      <dl>
        {facts.map(([name, value]) => [
          <dt key={name}>{name}</dt>,
          <dd key={value}>
            <code>{value}</code>
          </dd>,
        ])}
        <dt>{label}</dt>
        <dd>
          <code data-testid="secret">{secret}</code>
        </dd>
      </dl>
      <p class="actions">
        <button type="button" onClick={copyIt}>
          {copy}
        </button>
        <button type="button" class="primary" data-testid="kept" onClick={close}>
          {backends.saved}
        </button>
      </p>
      <p class="news" role="status">
        {message.value}
      </p>
    </>
  );
}
