import type { LoadResult } from './load.ts';
import { openPlainHttp } from './plain-http.ts';
import { serveCalls } from './serve-calls.ts';

interface GetLoad {
  readonly port: number;
  readonly authorization: readonly string[];
  readonly connections: number;
  readonly ms: number;
}

export type GetClientCalls = {
  /** Sends `GET /` over `connections` for `ms`. Any status but 200 is an error. */
  get(load: GetLoad): Promise<LoadResult>;
};

const calls: GetClientCalls = {
  async get({ port, authorization, connections, ms }) {
    const from = performance.now();
    let operations = 0;
    const send = async (_: unknown, index: number) => {
      const connection = await openPlainHttp(port);
      for (let turn = index; performance.now() - from < ms; turn += connections) {
        const status = await connection.get('/', authorization[turn % authorization.length]!);
        if (status !== 200) throw new Error(`GET /: ${status}`);
        operations++;
      }
      connection.close();
    };
    await Promise.all(Array.from({ length: connections }, send));
    return { operations, ms: performance.now() - from };
  },
};

serveCalls(calls);
