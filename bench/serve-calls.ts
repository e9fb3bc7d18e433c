import { ownCpuTime } from './cpu.ts';

// biome-ignore lint/suspicious/noExplicitAny: each call has its own parameter.
export type Calls = Readonly<Record<string, (input: any) => unknown>>;

export interface WorkerRequest {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

export type WorkerResponse =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: string };

/** Answers the calls of {@link startWorker} until the parent process disconnects. */
export function serveCalls(calls: Calls): void {
  const all: Calls = { ping: () => true, cpuTime: ownCpuTime, ...calls };
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
