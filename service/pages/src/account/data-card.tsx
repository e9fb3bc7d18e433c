import { Failure } from '@latchkey/contract';
import type { Account, AccountExport } from '@latchkey/sdk-browser/account';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { confirmAction } from '../console/dialogs.tsx';
import { words } from '../words/words.ts';

interface DataCardProps {
  readonly account: Pick<Account, 'delete' | 'export'>;
  /** Signs out, and shows the sign-in. Both actions need a sign-in of the last minutes. */
  readonly signInAgain: () => Promise<unknown>;
}

/** Exports the data of the user, and deletes the account. */
export function DataCard({ account, signInAgain }: DataCardProps) {
  const { data } = words();
  const result = useResult();
  const { value: error } = result.error;
  const needsSignIn = error instanceof Failure && error.code === 'reauthentication_required';
  const download = () =>
    result.run(async () => {
      saveFile(await account.export());
      return data.exported;
    });
  const remove = async (): Promise<void> => {
    const question = { title: data.deleteTitle, message: data.deleteMeaning, confirmLabel: data.deleteIt };
    if (!(await confirmAction(question))) return;
    // This session then ends, and the sign-in page says why.
    await result.run(() => account.delete().then(() => ''));
  };
  return (
    <section class="card" aria-labelledby="data-title" data-testid="data-card">
      <h2 id="data-title">{data.title}</h2>
      <p class="hint">{data.hint}</p>
      <p class="actions">
        <button type="button" data-testid="export" onClick={() => void download()}>
          {data.export}
        </button>
        <button type="button" class="danger" data-testid="delete-account" onClick={() => void remove()}>
          {data.delete}
        </button>
      </p>
      <ResultMessage result={result} testId="data-news" />
      {needsSignIn && (
        <button type="button" data-testid="sign-in-again" onClick={() => void signInAgain()}>
          {words().console.logOutAndIn}
        </button>
      )}
    </section>
  );
}

function saveFile(exported: AccountExport): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(exported, null, 2)], { type: 'application/json' }));
  link.download = `account-${exported.user.id}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}
