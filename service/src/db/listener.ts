import { type Clock, createTimer } from '@latchkey/core/internal';
import pg from 'pg';
import { PostgresClient } from './postgres-client.ts';

const minDelayMs = 100;
const maxDelayMs = 5_000;

const settings = { application_name: 'latchkey listener', connectionTimeoutMillis: 2_000, query_timeout: 2_250 };

interface ListenerOptions {
  url: string;
  channel: string;
  onHint: () => void;
  clock: Clock;
  onError: (error: Error) => void;
}

/**
 * LISTEN on a connection of its own, which reconnects with capped and jittered delays. A failure at the start is not an
 * error, because readers poll as well.
 */
export async function createListener(options: ListenerOptions): Promise<() => Promise<void>> {
  const { url, channel, onHint, clock, onError } = options;
  let client: PostgresClient | undefined;
  let delayMs = minDelayMs;
  const reconnection = createTimer(clock, () => void connect());
  let stopped = false;

  function reconnectLater(lost: PostgresClient): void {
    if (stopped || client !== lost) return;
    client = undefined;
    lost.reset();
    reconnection.reset(delayMs * (0.5 + Math.random() / 2));
    delayMs = Math.min(delayMs * 2, maxDelayMs);
  }

  async function connect(): Promise<void> {
    const next = new PostgresClient({ connectionString: url, keepAlive: true, ...settings });
    client = next;
    next.on('error', (error) => {
      onError(error);
      reconnectLater(next);
    });
    next.on('end', () => reconnectLater(next));
    next.on('notification', onHint);
    try {
      await next.connect();
      await next.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      delayMs = minDelayMs;
      onHint();
    } catch (error) {
      if (!stopped) onError(error as Error);
      reconnectLater(next);
    }
  }

  await connect();
  return async () => {
    stopped = true;
    reconnection.cancel();
    await client?.end().catch(() => {});
  };
}
