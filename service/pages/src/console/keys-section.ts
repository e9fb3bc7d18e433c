import type { AdminKey } from '@latchkey/contract';
import { element } from '../element.ts';
import { momentOf } from '../words.ts';
import { createButton } from './button.ts';
import { sentencesOfKey, wordsOfKey } from './console-words.ts';
import { confirm } from './dialog.ts';
import { createOutcome } from './outcome.ts';
import { createPagedList } from './paged-list.ts';
import { createConsoleRow } from './row.ts';
import { createCard, type Section, type SectionNeeds } from './section.ts';

/** The keys that sign access tokens. */
export function createKeysSection({ api }: SectionNeeds): Section {
  const outcome = createOutcome();
  const list = createPagedList<AdminKey>({
    load: () => api.keys(),
    keyOf: ({ kid }) => kid,
    createRow: () =>
      createConsoleRow<AdminKey>({
        name: ({ kid }) => kid,
        badges: ({ state }) => [{ text: wordsOfKey[state] }],
        facts: ({ state, created_at, retired_at }) => [
          sentencesOfKey[state],
          `made ${momentOf(created_at)}`,
          ...(retired_at === null ? [] : [`replaced ${momentOf(retired_at)}`]),
        ],
      }),
    empty: 'There is no key.',
  });
  const rotate = async (): Promise<void> => {
    const sentence =
      'The next key begins to sign. Nobody is signed out: the old one stays published for its last tokens.';
    if (!(await confirm({ title: 'Rotate the keys?', sentence, yes: 'Rotate' }))) return;
    const isDone = await outcome.attempt(() =>
      api
        .rotateKeys()
        .then(({ rotated }) => (rotated ? 'The next key signs now.' : 'Another node did it a moment ago.')),
    );
    if (isDone) await list.again();
  };
  const hint = element('p', { class: 'hint' }, 'They sign access tokens; backends read them by themselves.');
  const node = createCard('Keys', hint, createButton('Rotate the keys', rotate), outcome.node, list.node);
  return Object.freeze({ node, load: list.again });
}
