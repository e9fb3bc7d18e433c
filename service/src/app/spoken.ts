import { type BackendRooms, runBackendWords } from './backend-words.ts';
import { type OperatorRooms, runOperatorWords } from './operator-words.ts';

export type SpokenRooms = OperatorRooms & BackendRooms;

/** Whether these words of the command line speak about what is in the database, and are answered with JSON. */
export function isSpoken(words: readonly string[]): boolean {
  return words[0] === 'backend' || words[0] === 'operator';
}

/** `backend …` or `operator …`, done. @returns what is printed, as JSON */
export function runWords([noun, ...words]: readonly string[], rooms: SpokenRooms): Promise<unknown> {
  return noun === 'operator' ? runOperatorWords(words, rooms) : runBackendWords(words, rooms);
}
