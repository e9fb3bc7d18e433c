import { closestMatch } from './closest-match.ts';

/** What a value has to be: of this `typeof`, or a number above 0. `true`: the function judges it itself. */
export type OptionKind = true | 'boolean' | 'string' | 'function' | 'object' | 'positive number';

/** The names of all options of a type, as keys, so that the compiler finds a missing or a superfluous one. */
export type OptionNames<T> = { readonly [Name in keyof T]-?: OptionKind };

function fits(value: unknown, kind: OptionKind | undefined): boolean {
  if (kind === 'positive number') return Number.isFinite(value) && (value as number) > 0;
  return kind === true || typeof value === kind;
}

/**
 * Checks that a function got an object with known options alone, each of its kind or `undefined`.
 *
 * @param where the function, for the sentence of the error
 * @throws TypeError that names each unknown option and the nearest known one, or an option with a value of another kind
 * @example
 * assertOptions('createLatchkey', { Policy: 'deny' }, { policy: true }); // Policy is not an option; did you mean policy?
 */
export function assertOptions(where: string, options: object, names: Readonly<Record<string, OptionKind>>): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${where} takes an object of options.`);
  const known = new Map(Object.entries(names));
  const sentences = Object.entries(options).flatMap(([name, value]) => {
    const kind = known.get(name);
    if (kind === undefined) return `${name} is not an option; did you mean ${closestMatch(name, [...known.keys()])}?`;
    return value === undefined || fits(value, kind) ? [] : `${name} has to be a ${kind}.`;
  });
  if (sentences.length > 0) throw new TypeError(`${where}: ${sentences.join(' ')}`);
}
