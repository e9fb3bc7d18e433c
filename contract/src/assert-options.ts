import { closestMatch } from './closest-match.ts';

/** What a value has to be: of this `typeof`, or a number above 0. `true`: the function judges it itself. */
export type OptionKind = true | 'boolean' | 'string' | 'function' | 'object' | 'positive number';

/** The names of all options of a type, as keys, so that the compiler finds a missing or a superfluous one. */
export type OptionNames<T> = { readonly [Name in keyof T]-?: OptionKind };

function matchesKind(value: unknown, kind: OptionKind | undefined): boolean {
  if (kind === 'positive number') return Number.isFinite(value) && (value as number) > 0;
  return kind === true || typeof value === kind;
}

/**
 * Checks that a function got an object with known options alone, each of its kind or `undefined`.
 *
 * @param caller the function, for the sentence of the error
 * @throws TypeError that names each unknown option and the one that was probably meant, or an option with a value of another kind
 * @example
 * assertOptions('createLatchkey', { Policy: 'deny' }, { policy: true }); // Policy is not an option; did you mean policy?
 */
export function assertOptions(caller: string, options: object, kinds: Readonly<Record<string, OptionKind>>): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${caller} takes an object of options.`);
  const known = new Map(Object.entries(kinds));
  const problems = Object.entries(options).flatMap(([name, value]) => {
    const kind = known.get(name);
    if (kind === undefined) {
      const match = closestMatch(name, [...known.keys()]);
      return `${name} is not an option${match === undefined ? '.' : `; did you mean ${match}?`}`;
    }
    return value === undefined || matchesKind(value, kind) ? [] : `${name} has to be a ${kind}.`;
  });
  if (problems.length > 0) throw new TypeError(`${caller}: ${problems.join(' ')}`);
}
