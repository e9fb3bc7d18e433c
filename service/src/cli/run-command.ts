import { type BackendCommandDeps, runBackendCommand } from './backend-commands.ts';
import { type OperatorCommandDeps, runOperatorCommand } from './operator-commands.ts';

export type DataCommandDeps = OperatorCommandDeps & BackendCommandDeps;

/** Whether these words of the command line speak about what is in the database, and are answered with JSON. */
export function isDataCommand(words: readonly string[]): boolean {
  return words[0] === 'backend' || words[0] === 'operator';
}

/** `backend …` or `operator …`, done. @returns what is printed, as JSON */
export function runCommand([noun, ...words]: readonly string[], deps: DataCommandDeps): Promise<unknown> {
  return noun === 'operator' ? runOperatorCommand(words, deps) : runBackendCommand(words, deps);
}
