import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { callAtRate } from '../../bench/load.ts';
import { serveCalls } from '../../bench/serve-calls.ts';
import type { SeededToken } from './backend.ts';

interface RevocationLoad {
  readonly serviceUrl: string;
  /** Addresses of the apps. Each guards its `/`. */
  readonly appUrls: readonly string[];
  readonly sessions: readonly SeededToken[];
  readonly perSecond: number;
}

export type RevocationClientCalls = {
  /**
   * Sends each token to every app, which has to accept it, then deletes the sessions at the given rate. Returns the
   * milliseconds from each `DELETE /sessions/:id` until every app refuses the token.
   */
  revoke(load: RevocationLoad): Promise<number[]>;
};

const agent = new Agent({ keepAlive: true, noDelay: true });
const retryMs = 5;

function send(method: string, url: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode!));
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function expectStatus(status: number, method: string, url: string, token: string): Promise<void> {
  const received = await send(method, url, token);
  if (received !== status) throw new Error(`${method} ${url}: ${received}`);
}

async function untilRefused(url: string, token: string): Promise<void> {
  for (;;) {
    const status = await send('GET', url, token);
    if (status === 401) return;
    if (status !== 200) throw new Error(`GET ${url}: ${status}`);
    await sleep(retryMs);
  }
}

const calls: RevocationClientCalls = {
  async revoke({ serviceUrl, appUrls, sessions, perSecond }) {
    for (const { token } of sessions) await Promise.all(appUrls.map((url) => expectStatus(200, 'GET', url, token)));
    const latencies = await callAtRate(sessions, perSecond, async ({ sid, token }) => {
      await expectStatus(200, 'DELETE', `${serviceUrl}/sessions/${sid}`, token);
      await Promise.all(appUrls.map((url) => untilRefused(url, token)));
    });
    // The servers close idle connections before the next round, possibly at the time of a request.
    agent.destroy();
    return latencies;
  },
};

serveCalls(calls);
