import type { AdminKey } from '@latchkey/contract';
import { element } from '../element.ts';
import { formatDateTime } from '../messages.ts';
import { createButton } from './button.ts';
import { confirmAction } from './dialog.ts';
import { keyStateDescriptions, keyStateLabels } from './labels.ts';
import { createPagedList } from './paged-list.ts';
import { createResultMessage } from './result-message.ts';
import { createConsoleRow } from './row.ts';
import { createCard, type Section, type SectionDeps } from './section.ts';

/** The keys that sign access tokens. */
export function createKeysSection({ api }: SectionDeps): Section {
  const outcome = createResultMessage();
  const list = createPagedList<AdminKey>({
    load: () => api.keys(),
    keyOf: ({ kid }) => kid,
    createRow: () =>
      createConsoleRow<AdminKey>({
        name: ({ kid }) => kid,
        badges: ({ state }) => [{ text: keyStateLabels[state] }],
        facts: ({ state, created_at, retired_at }) => [
          keyStateDescriptions[state],
          `made ${formatDateTime(created_at)}`,
          ...(retired_at === null ? [] : [`replaced ${formatDateTime(retired_at)}`]),
        ],
      }),
    empty: 'There is no key.',
  });
  const rotate = async (): Promise<void> => {
    const message =
      'The next key begins to sign. No user is signed out: the old key stays published until its last token has expired.';
    if (!(await confirmAction({ title: 'Rotate the keys?', message, confirmLabel: 'Rotate' }))) return;
    const isDone = await outcome.run(() =>
      api
        .rotateKeys()
        .then(({ rotated }) => (rotated ? 'The keys are rotated.' : 'Another node has just rotated the keys.')),
    );
    if (isDone) await list.reload();
  };
  const hint = element('p', { class: 'hint' }, 'These keys sign access tokens. Backends fetch them automatically.');
  const node = createCard('Keys', hint, createButton('Rotate the keys', rotate), outcome.node, list.node);
  return Object.freeze({ node, load: list.reload });
}
