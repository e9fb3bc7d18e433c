import pg from 'pg';
import type { Clock } from '../base/clock.ts';
import { type ResettableClient, resetsWhenLate } from './resets.ts';

const leastDelayMs = 100;
const mostDelayMs = 5_000;

const ListenerClient = resetsWhenLate(pg.Client);
const timeouts = { connectionTimeoutMillis: 2_000, query_timeout: 2_250 };

interface ListenerOptions {
  url: string;
  channel: string;
  onHint: () => void;
  clock: Clock;
  onError: (error: Error) => void;
}

/**
 * LISTEN on a connection of its own that comes back by itself, with capped and jittered delays. A first failure does
 * not fail the start: whoever listens polls as well.
 */
export async function createListener(options: ListenerOptions): Promise<() => Promise<void>> {
  const { url, channel, onHint, clock, onError } = options;
  let client: ResettableClient | undefined;
  let delayMs = leastDelayMs;
  let cancel = () => {};
  let stopped = false;

  function comeBack(lost: ResettableClient): void {
    if (stopped || client !== lost) return;
    client = undefined;
    lost.reset();
    cancel = clock.after(delayMs * (0.5 + Math.random() / 2), () => void connect());
    delayMs = Math.min(delayMs * 2, mostDelayMs);
  }

  async function connect(): Promise<void> {
    const next = new ListenerClient({ connectionString: url, keepAlive: true, ...timeouts });
    client = next;
    next.on('error', (error) => {
      onError(error);
      comeBack(next);
    });
    next.on('end', () => comeBack(next));
    next.on('notification', onHint);
    try {
      await next.connect();
      await next.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      delayMs = leastDelayMs;
      onHint();
    } catch (error) {
      if (!stopped) onError(error as Error);
      comeBack(next);
    }
  }

  await connect();
  return async () => {
    stopped = true;
    cancel();
    await client?.end().catch(() => {});
  };
}
