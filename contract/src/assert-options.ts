import { closestMatch } from './closest-match.ts';

/** The names of all options of a type, as keys, so that the compiler finds a missing or a superfluous one. */
export type OptionNames<T> = { readonly [Name in keyof T]-?: true };

/**
 * Checks that a function got an object with known options alone.
 *
 * @param where the function, for the sentence of the error
 * @throws TypeError that names each unknown option and the nearest known one
 * @example
 * assertOptions('createLatchkey', { Policy: 'deny' }, { policy: true }); // Policy is not an option; did you mean policy?
 */
export function assertOptions<T extends object>(where: string, options: T, names: OptionNames<T>): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${where} takes an object of options.`);
  const known = Object.keys(names);
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  const sentences = unknown.map((name) => `${name} is not an option; did you mean ${closestMatch(name, known)}?`);
  if (sentences.length > 0) throw new TypeError(`${where}: ${sentences.join(' ')}`);
}
