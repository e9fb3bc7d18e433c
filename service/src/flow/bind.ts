type Bound<Verbs> = {
  readonly [Name in keyof Verbs]: Verbs[Name] extends (context: never, ...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never;
};

/** Returns the functions of a module without their first parameter, the context. */
export function bind<Context, Verbs extends Record<string, (context: Context, ...args: never[]) => unknown>>(
  context: Context,
  verbs: Verbs,
): Bound<Verbs> {
  const bound = Object.entries(verbs).map(([name, verb]) => [name, verb.bind(undefined, context)]);
  return Object.freeze(Object.fromEntries(bound)) as Bound<Verbs>;
}
