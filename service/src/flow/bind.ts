import { withSpan } from '@latchkey/core/internal';

type Bound<Verbs> = {
  readonly [Name in keyof Verbs]: Verbs[Name] extends (context: never, ...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never;
};

/** Too small and too frequent for a span. */
const withoutSpan: ReadonlySet<string> = new Set(['now']);

/** Returns the functions of a module without their first parameter, the context. Each runs in a span of its name. */
export function bind<Context, Verbs extends Record<string, (context: Context, ...args: never[]) => unknown>>(
  context: Context,
  verbs: Verbs,
): Bound<Verbs> {
  const bound = Object.entries(verbs).map(([name, verb]) => {
    if (withoutSpan.has(name)) return [name, verb.bind(undefined, context)];
    return [name, (...args: never[]) => withSpan(`latchkey.${name}`, () => verb(context, ...args))];
  });
  return Object.freeze(Object.fromEntries(bound)) as Bound<Verbs>;
}
