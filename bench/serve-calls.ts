// biome-ignore lint/suspicious/noExplicitAny: what comes in is whatever the call takes.
export type Calls = Readonly<Record<string, (input: any) => unknown>>;

export interface WorkerRequest {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

export type WorkerResponse =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: string };

/** The other end of {@link startWorker}: answers its calls until it goes away. */
export function serveCalls(calls: Calls): void {
  const all: Calls = { isThere: () => true, ...calls };
  const send = (message: WorkerResponse) => process.send!(message);
  process.on('message', async ({ id, name, input }: WorkerRequest) => {
    try {
      send({ id, output: await all[name]!(input) });
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
}
