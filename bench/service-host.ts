import { createConfig, createService } from '@latchkey/service';
import { type Memory, measureMemory } from './memory.ts';
import { serveCalls } from './serve-calls.ts';

export type ServiceHostCalls = {
  /** Starts the service with this environment. */
  start(env: Readonly<Record<string, string>>): Promise<void>;
  memory(): Promise<Memory>;
};

const calls: ServiceHostCalls = {
  start: (env) => createService({ config: createConfig(env) }).start(),
  memory: measureMemory,
};

/** Runs the service by its public entry, in a separate process. */
serveCalls(calls);
