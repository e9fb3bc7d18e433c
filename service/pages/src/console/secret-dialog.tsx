import type { AdminBackendSecret } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import { fill, words } from '../words/words.ts';
import { openDialog } from './dialogs.tsx';

/** Shows a secret once. The page contains it only while the dialog is open. */
export function showSecret(made: AdminBackendSecret): void {
  // A secret that is lost has to be replaced once more, and that ends the one in use.
  openDialog({
    title: words().backends.secretTitle,
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
  const { backends } = words();
  const news = useSignal<string | undefined>(undefined);
  const copy = async (): Promise<void> => {
    news.value = await navigator.clipboard.writeText(secret).then(
      () => backends.copied,
      () => backends.notCopied,
    );
  };
  return (
    <>
      <p>{fill(backends.secretLead, { backend: backend.name })}</p>
      <dl>
        <dt>{words().tenants.id}</dt>
        <dd>
          <code>{backend.id}</code>
        </dd>
        <dt>{backends.secret}</dt>
        <dd>
          <code data-testid="secret">{secret}</code>
        </dd>
      </dl>
      <p class="actions">
        <button type="button" onClick={copy}>
          {backends.copy}
        </button>
        <button type="button" class="primary" data-testid="kept" onClick={close}>
          {backends.saved}
        </button>
      </p>
      <p class="news" role="status">
        {news.value}
      </p>
    </>
  );
}
