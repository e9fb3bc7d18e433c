// biome-ignore lint/suspicious/noExplicitAny: what comes in is whatever the call takes.
export type Calls = Readonly<Record<string, (input: any) => unknown>>;

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

export type Answer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: string };

/** The other end of {@link startChild}: answers its calls until it goes away. */
export function answer(calls: Calls): void {
  const all: Calls = { isThere: () => true, ...calls };
  const send = (message: Answer) => process.send!(message);
  process.on('message', async ({ id, name, input }: Question) => {
    try {
      send({ id, output: await all[name]!(input) });
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
}
