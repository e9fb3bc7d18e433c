import { useApi, useSession } from '@latchkey/sdk-browser/react';
import { useEffect, useState } from 'react';
import type { Api } from '../server/api.ts';
import type { Note } from '../server/notes.ts';

/** The notes of the guarded route, and each one that is added meanwhile. They are read again after each reconnect. */
export function useNotes(): readonly Note[] {
  const { status, fetch } = useSession();
  const api = useApi<Api>('api');
  const isLive = status === 'active' || status === 'refreshing';
  const [notes, setNotes] = useState<readonly Note[]>([]);

  useEffect(() => {
    if (!isLive) return;
    const arrived: Note[] = [];
    const remove = api.on<Note>('note_added', (note) => {
      arrived.push(note);
      setNotes((known) => merge(known, [note]));
    });
    fetch('/api/notes')
      .then((answer) => {
        if (!answer.ok) throw new Error(`The notes were refused with ${answer.status}.`);
        return answer.json() as Promise<Note[]>;
      })
      // In place of those from before the reconnect: the server may have others now.
      .then((read) => setNotes(merge(read, arrived)))
      .catch((cause: unknown) => console.warn(cause));
    return remove;
  }, [api, fetch, isLive]);

  return notes;
}

/** By id, oldest first. A note may arrive twice: as an event and with the answer. */
function merge(known: readonly Note[], more: readonly Note[]): readonly Note[] {
  const byId = new Map([...known, ...more].map((note) => [note.id, note]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
