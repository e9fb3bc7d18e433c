import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { callAtRate } from '../../bench/load.ts';
import { serveCalls } from '../../bench/serve-calls.ts';

interface NotifyLoad {
  readonly count: number;
  readonly perSecond: number;
}

export type NotifyHostCalls = {
  open(databaseUrl: string): Promise<void>;
  /** Returns the milliseconds from each insert until both listeners have received its notification. */
  notify(load: NotifyLoad): Promise<number[]>;
};

const channel = 'notify_ended';
const listeners = 2;
const notifications = new Map<string, { left: number; resolve(): void }>();
let pool: pg.Pool;

function onNotification({ payload }: pg.Notification): void {
  const pending = notifications.get(payload!);
  if (pending === undefined || --pending.left > 0) return;
  notifications.delete(payload!);
  pending.resolve();
}

async function listen(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  client.on('notification', onNotification);
  await client.connect();
  await client.query(`LISTEN ${channel}`);
}

const insert = {
  name: 'insert_ended',
  text: `WITH ended AS (INSERT INTO notify_ended VALUES ($1) RETURNING sid) SELECT pg_notify('${channel}', sid::text) FROM ended`,
};

/** The least work that notifies two processes of an ended session: one INSERT, one NOTIFY, two connections with LISTEN. */
const calls: NotifyHostCalls = {
  async open(connectionString) {
    pool = new pg.Pool({ connectionString, max: 10 });
    await pool.query('CREATE TABLE notify_ended (sid uuid PRIMARY KEY)');
    for (let index = 0; index < listeners; index++) await listen(connectionString);
  },
  notify({ count, perSecond }) {
    const sids = Array.from({ length: count }, () => randomUUID());
    return callAtRate(sids, perSecond, async (sid) => {
      const notified = new Promise<void>((resolve) => notifications.set(sid, { left: listeners, resolve }));
      await pool.query({ ...insert, values: [sid] });
      await notified;
    });
  },
};

serveCalls(calls);
