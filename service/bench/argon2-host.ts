import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import type { LoadResult } from '../../bench/load.ts';
import { serveCalls } from '../../bench/serve-calls.ts';

interface Parameters {
  readonly memoryInKib: number;
  readonly passes: number;
  readonly concurrency: number;
}

interface Work extends Parameters {
  readonly ms: number;
}

export type Argon2HostCalls = {
  /** Verifies one password in `concurrency` loops for `ms`. */
  verify(work: Work): Promise<LoadResult>;
  /** Listens and verifies one password for each POST, at most `concurrency` at once. Returns the port. It has no users. */
  listen(parameters: Parameters): Promise<number>;
};

const password = 'correct horse battery staple';

const hashOf = ({ memoryInKib, passes }: Parameters) =>
  hash(password, { memoryCost: memoryInKib, timeCost: passes, parallelism: 1 });

const calls: Argon2HostCalls = {
  async verify({ ms, ...parameters }) {
    const stored = await hashOf(parameters);
    const from = performance.now();
    let operations = 0;
    const worker = async () => {
      for (; performance.now() - from < ms; operations++) await verify(stored, password);
    };
    await Promise.all(Array.from({ length: parameters.concurrency }, worker));
    return { operations, ms: performance.now() - from };
  },
  async listen(parameters) {
    const stored = await hashOf(parameters);
    const atOnce = pLimit(parameters.concurrency);
    const login = async (request: IncomingMessage) => {
      await json(request);
      return JSON.stringify({ ok: await atOnce(() => verify(stored, password)) });
    };
    const server = createServer((request, response) => void login(request).then((text) => response.end(text)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
};

/** argon2id alone, or behind an HTTP server that does nothing else, in a separate process. */
serveCalls(calls);
