import type { AdminKey } from '@latchkey/contract';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { formatDateTime } from '../words/formats.ts';
import { fill, words } from '../words/words.ts';
import { ConsoleRow } from './console-row.tsx';
import { confirmAction } from './dialogs.tsx';
import { useListModel } from './list-model.ts';
import { PagedList } from './paged-list.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';

/** The keys that sign access tokens. */
export function KeysSection({ api, loader }: SectionProps) {
  const { keys } = words();
  const result = useResult();
  const list = useListModel<AdminKey>(api.keys);
  useLoader(loader, list.reload);
  const rotate = async (): Promise<void> => {
    const question = { title: keys.rotateTitle, message: keys.rotateMeaning, confirmLabel: keys.rotateIt };
    if (!(await confirmAction(question))) return;
    const isDone = await result.run(async () => {
      const { rotated } = await api.rotateKeys();
      return rotated ? keys.rotated : keys.rotatedElsewhere;
    });
    if (isDone) await list.reload();
  };
  return (
    <SectionCard title={words().console.keys}>
      <p class="hint">{keys.lead}</p>
      <button type="button" onClick={rotate}>
        {keys.rotate}
      </button>
      <ResultMessage result={result} />
      <PagedList list={list} empty={keys.empty}>
        {({ kid, state, created_at, retired_at }) => (
          <ConsoleRow
            key={kid}
            name={kid}
            badges={[{ text: keys.states[state] }]}
            facts={[
              keys.meanings[state],
              fill(keys.made, { date: formatDateTime(created_at) }),
              ...(retired_at === null ? [] : [fill(keys.replaced, { date: formatDateTime(retired_at) })]),
            ]}
          />
        )}
      </PagedList>
    </SectionCard>
  );
}
