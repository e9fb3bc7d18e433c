import { randomBytes } from 'node:crypto';
import type { LoadResult } from './load.ts';
import { openPlainHttp } from './plain-http.ts';
import { serveCalls } from './serve-calls.ts';

interface LoginLoad {
  readonly url: string;
  readonly users: readonly { readonly email: string; readonly password: string }[];
  readonly concurrency: number;
  readonly ms: number;
}

export type LoginClientCalls = {
  /** Sends `POST /login` from `concurrency` loops for `ms`. Any status but 200 is an error. */
  login(load: LoginLoad): Promise<LoadResult>;
};

const calls: LoginClientCalls = {
  async login({ url, users, concurrency, ms }) {
    const from = performance.now();
    let operations = 0;
    const worker = async (_: unknown, index: number) => {
      const connection = await openPlainHttp(Number(new URL(url).port));
      for (let turn = index; performance.now() - from < ms; turn += concurrency) {
        const challenge = { code_challenge: randomBytes(32).toString('base64url'), code_challenge_method: 'S256' };
        const status = await connection.post('/login', { ...users[turn % users.length], ...challenge });
        if (status !== 200) throw new Error(`POST /login: ${status}`);
        operations++;
      }
      connection.close();
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return { operations, ms: performance.now() - from };
  },
};

serveCalls(calls);
