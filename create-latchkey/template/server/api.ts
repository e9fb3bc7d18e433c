import type { Latchkey } from '@latchkey/sdk-server';
import { z } from 'zod';
import type { Notes } from './notes.ts';

type Sockets = ReturnType<Latchkey['socketServe']>;

const noteInput = z.strictObject({ text: z.string().trim().min(1).max(200) });

/** The calls that browsers make over their sockets. */
export function createApi(latchkey: Latchkey, io: Sockets, notes: Notes) {
  return latchkey.apiRouter(io, 'api').on('addNote', { input: noteInput }, ({ text }, call) => {
    const note = notes.add(text, String(call.user.email ?? call.userId));
    call.broadcastAll('note_added', note); // to every signed-in tab, that of the caller as well
    return note;
  });
}

/** The types of all calls, for `useApi<Api>('api')` in the page. */
export type Api = ReturnType<typeof createApi>;
