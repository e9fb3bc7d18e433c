import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { answer } from './answer.ts';

interface Visitors {
  readonly url: string;
  readonly people: readonly { readonly email: string; readonly password: string }[];
  readonly hands: number;
  readonly ms: number;
}

export type LoginClientCalls = {
  /** Posts to `/login` with so many hands for so long; returns logins a second. Any answer but 200 is an error. */
  login(visitors: Visitors): Promise<number>;
};

const agent = new Agent({ keepAlive: true });

function post(url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(`${url}/login`, { method: 'POST', agent, headers }, (response) => {
      const { statusCode } = response;
      response.resume();
      response.on('end', () => (statusCode === 200 ? resolve() : reject(new Error(`POST /login: ${statusCode}`))));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const calls: LoginClientCalls = {
  async login({ url, people, hands, ms }) {
    const from = performance.now();
    let logins = 0;
    const hand = async (_: unknown, index: number) => {
      for (let turn = index; performance.now() - from < ms; turn += hands) {
        const challenge = { code_challenge: randomBytes(32).toString('base64url'), code_challenge_method: 'S256' };
        await post(url, JSON.stringify({ ...people[turn % people.length], ...challenge }));
        logins++;
      }
    };
    await Promise.all(Array.from({ length: hands }, hand));
    return logins / ((performance.now() - from) / 1_000);
  },
};

answer(calls);
