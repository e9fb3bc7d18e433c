import { serveCalls } from '../../bench/serve-calls.ts';

interface Example {
  /** Name of a file in `examples/guard`. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

export type ExampleHostCalls = {
  /** Runs the example in this process. Resolves when it listens. */
  start(example: Example): Promise<void>;
};

const calls: ExampleHostCalls = {
  async start({ file, env }) {
    Object.assign(process.env, env);
    await import(new URL(`../../examples/guard/${file}`, import.meta.url).href);
  },
};

serveCalls(calls);
