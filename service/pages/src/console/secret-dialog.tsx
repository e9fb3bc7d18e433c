import type { AdminBackendSecret } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { openDialog } from './dialogs.tsx';

/** Shows a secret once. The page contains it only while the dialog is open. */
export function showSecret(made: AdminBackendSecret): void {
  // A secret that is lost has to be replaced once more, and that ends the one in use.
  openDialog({
    title: 'Secret, shown once',
    isPersistent: true,
    render: (close) => <Secret made={made} close={close} />,
  });
}

function Secret({
  made: { backend, secret },
  close,
}: {
  readonly made: AdminBackendSecret;
  readonly close: () => void;
}) {
  const news = useSignal<string | undefined>(undefined);
  const copy = async (): Promise<void> => {
    news.value = await navigator.clipboard.writeText(secret).then(
      () => 'Copied.',
      () => 'It could not be copied. Select it by hand.',
    );
  };
  return (
    <>
      <p>Save it now in the settings of {backend.name}. It cannot be shown again.</p>
      <dl>
        <dt>Id</dt>
        <dd>
          <code>{backend.id}</code>
        </dd>
        <dt>Secret</dt>
        <dd>
          <code data-testid="secret">{secret}</code>
        </dd>
      </dl>
      <p class="actions">
        <button type="button" onClick={copy}>
          Copy the secret
        </button>
        <button type="button" class="primary" data-testid="kept" onClick={close}>
          I have saved it
        </button>
      </p>
      <p class="news" role="status">
        {news.value}
      </p>
    </>
  );
}
