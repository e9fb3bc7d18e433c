import type { AdminKey } from '@latchkey/contract';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatDateTime } from '../messages.ts';
import { ConsoleRow } from './console-row.tsx';
import { confirmAction } from './dialogs.tsx';
import { keyStateDescriptions, keyStateLabels } from './labels.ts';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';

const question = {
  title: 'Rotate the keys?',
  message:
    'The next key begins to sign. No user is signed out: the old key stays published until its last token has expired.',
  confirmLabel: 'Rotate',
};

/** The keys that sign access tokens. */
export function KeysSection({ api, loader }: SectionProps) {
  const result = useResult();
  const list = useListModel<AdminKey>(api.keys);
  useLoader(loader, list.reload);
  const rotate = async (): Promise<void> => {
    if (!(await confirmAction(question))) return;
    const isDone = await result.run(async () => {
      const { rotated } = await api.rotateKeys();
      return rotated ? 'The keys are rotated.' : 'Another node has just rotated the keys.';
    });
    if (isDone) await list.reload();
  };
  return (
    <SectionCard title="Keys">
      <p class="hint">These keys sign access tokens. Backends fetch them automatically.</p>
      <button type="button" onClick={rotate}>
        Rotate the keys
      </button>
      <ResultMessage result={result} />
      <PagedList list={list} empty="There is no key.">
        {({ kid, state, created_at, retired_at }) => (
          <ConsoleRow
            key={kid}
            name={kid}
            badges={[{ text: keyStateLabels[state] }]}
            facts={[
              keyStateDescriptions[state],
              `made ${formatDateTime(created_at)}`,
              ...(retired_at === null ? [] : [`replaced ${formatDateTime(retired_at)}`]),
            ]}
          />
        )}
      </PagedList>
    </SectionCard>
  );
}
