import { createConfig, createService } from '@latchkey/service';
import { answer } from './answer.ts';
import { type Memory, settledMemory } from './memory.ts';

export type ServiceHostCalls = {
  /** Starts the service with this environment. */
  start(env: Readonly<Record<string, string>>): Promise<void>;
  memory(): Promise<Memory>;
};

const calls: ServiceHostCalls = {
  start: (env) => createService({ config: createConfig(env) }).start(),
  memory: settledMemory,
};

/** The service by its public entry, in a process of its own. */
answer(calls);
