import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { atRate } from '../../bench/rate.ts';
import { serveCalls } from '../../bench/serve-calls.ts';

interface Wave {
  readonly count: number;
  readonly perSecond: number;
}

export type BareNoticesCalls = {
  open(databaseUrl: string): Promise<void>;
  /** Returns the milliseconds from each insert until both listeners have received its notification. */
  notify(wave: Wave): Promise<number[]>;
};

const channel = 'bare_ended';
const listeners = 2;
const waiting = new Map<string, { left: number; resolve(): void }>();
let pool: pg.Pool;

function onNotification({ payload }: pg.Notification): void {
  const heard = waiting.get(payload!);
  if (heard === undefined || --heard.left > 0) return;
  waiting.delete(payload!);
  heard.resolve();
}

async function listen(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  client.on('notification', onNotification);
  await client.connect();
  await client.query(`LISTEN ${channel}`);
}

const insert = {
  name: 'bare_end',
  text: `WITH ended AS (INSERT INTO bare_ended VALUES ($1) RETURNING sid) SELECT pg_notify('${channel}', sid::text) FROM ended`,
};

/** The least work that notifies two processes of an ended session: one INSERT, one NOTIFY, two connections with LISTEN. */
const calls: BareNoticesCalls = {
  async open(connectionString) {
    pool = new pg.Pool({ connectionString, max: 10 });
    await pool.query('CREATE TABLE bare_ended (sid uuid PRIMARY KEY)');
    for (let index = 0; index < listeners; index++) await listen(connectionString);
  },
  notify({ count, perSecond }) {
    const sids = Array.from({ length: count }, () => randomUUID());
    return atRate(sids, perSecond, async (sid) => {
      const told = new Promise<void>((resolve) => waiting.set(sid, { left: listeners, resolve }));
      await pool.query({ ...insert, values: [sid] });
      await told;
    });
  },
};

serveCalls(calls);
