export interface Note {
  readonly id: number;
  readonly text: string;
  readonly author: string;
}

/** The notes of this process. A real app stores them in its database. */
export function createNotes() {
  const notes: Note[] = [];
  return {
    list: (): readonly Note[] => notes,
    add(text: string, author: string): Note {
      const note = { id: notes.length + 1, text, author };
      notes.push(note);
      return note;
    },
  };
}

export type Notes = ReturnType<typeof createNotes>;
