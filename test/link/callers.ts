import { setTimeout as sleep } from 'node:timers/promises';
import { createSession, Failure, type Session, type SessionStatus } from '@latchkey/sdk-browser';
import { getApi } from '@latchkey/sdk-browser/api';
import { waitFor } from '../../test-kit/wait-for.ts';
import { createHistory } from '../storm/history.ts';
import { createSharedStorage } from '../storm/shared-storage.ts';
import type { Api } from './app.ts';

/** Tabs of the real SDK that call an app all the time: every other one with idempotency keys, which may wait. */
export interface Callers {
  /** Ids of answered calls, and when. */
  readonly answered: ReadonlyMap<string, number>;
  /** Codes of calls that were refused, by id. */
  readonly refused: ReadonlyMap<string, string>;
  states(): readonly SessionStatus[];
  /** Tabs with an answer since then, by `performance.now()`. */
  tabsAnsweredSince(at: number): number;
  /** Tabs that lost their session. */
  falls(): readonly unknown[];
  /** No new calls; resolves when those in flight are answered. */
  stop(): Promise<void>;
  close(): void;
}

interface CallersOptions {
  /** One origin of the service for each browser. */
  readonly serviceUrls: readonly string[];
  readonly appUrl: string;
  readonly tabsEach: number;
}

const slowMs = 600;
const everyMs = 80;

/** Signs a user up in each browser, opens its tabs, and lets them call. */
export async function startCallers({ serviceUrls, appUrl, tabsEach }: CallersOptions): Promise<Callers> {
  const history = createHistory();
  const answered = new Map<string, number>();
  const refused = new Map<string, string>();
  const lastAnswerAt: number[] = [];
  const tabs: Session[] = [];
  let isOver = false;

  async function openBrowser(url: string, browser: number): Promise<void> {
    const storage = createSharedStorage(history);
    const mine = Array.from({ length: tabsEach }, () =>
      createSession({ url, socketUrl: appUrl, storage, trackActivity: false }),
    );
    tabs.push(...mine);
    await mine[0]!.register({ email: `caller${browser}@example.test`, password: 'correct horse battery' });
    await Promise.all(mine.slice(1).map((tab) => tab.connect()));
    for (const tab of mine) {
      tab.subscribe(({ status, reason }) => {
        if (status === 'signed_out' || status === 'error') history.fell(`browser ${browser}`, status, reason);
      });
    }
  }

  async function call(tab: Session, index: number, turn: number): Promise<void> {
    const isKeyed = index % 2 === 0;
    const id = `${isKeyed ? 'keyed' : 'plain'} ${index} ${turn}`;
    const options = isKeyed ? { idempotencyKey: id, queue: true, timeoutMs: 30_000 } : {};
    try {
      // Some are slow, so that calls are in flight at any moment.
      await getApi<Api>(tab, 'api').call('work', { id, ms: turn % 5 === index % 5 ? slowMs : 5 }, options);
      answered.set(id, performance.now());
      lastAnswerAt[index] = performance.now();
    } catch (error) {
      refused.set(id, error instanceof Failure ? error.code : String(error));
    }
  }

  async function live(tab: Session, index: number): Promise<void> {
    const calls: Promise<void>[] = [];
    for (let turn = 0; !isOver; turn += 1) {
      calls.push(call(tab, index, turn));
      await sleep(everyMs);
    }
    await Promise.all(calls);
  }

  await Promise.all(serviceUrls.map(openBrowser));
  await waitFor(() => tabs.every(({ state }) => state.status === 'active'), 20_000);
  const lives = tabs.map(live);
  return Object.freeze<Callers>({
    answered,
    refused,
    states: () => tabs.map(({ state }) => state.status),
    tabsAnsweredSince: (at) => lastAnswerAt.filter((answeredAt) => answeredAt > at).length,
    falls: history.falls,
    async stop() {
      isOver = true;
      await Promise.all(lives);
    },
    close() {
      isOver = true;
      for (const tab of tabs) tab.close();
    },
  });
}
