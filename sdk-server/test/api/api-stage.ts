import { createStage, type Stage } from '../../../core/test/socket/stage.ts';
import { createFakeClock, type FakeClock } from '../../../test-kit/fake-clock.ts';
import { type ApiRouter, type ApiRouterDeps, createApiRouter } from '../../src/api/index.ts';
import type { Shutdown, SocketLimits } from '../../src/index.ts';
import { createLocalUserSessions, createShutdown } from '../../src/internal.ts';

/** What the tests' transactions leave behind. */
interface Ledger {
  readonly written: string[];
}

/** Writes that stand after the commit, and not otherwise. */
export interface TestTransaction {
  write(row: string): void;
}

export interface ApiStage {
  readonly stage: Stage;
  readonly api: ApiRouter<Record<never, never>, TestTransaction>;
  readonly ledger: Ledger;
  readonly shutdown: Shutdown;
  readonly clock: FakeClock;
  readonly logged: Record<string, unknown>[];
  end(): Promise<void>;
}

export async function createApiStage(
  change: Partial<ApiRouterDeps<TestTransaction>> = {},
  limits: Partial<SocketLimits> = { messageBurst: 1_000 },
): Promise<ApiStage> {
  const clock = createFakeClock();
  const sessions = createLocalUserSessions({ clock, serverId: 'server-1' });
  const stage = await createStage({ limits }, { follow: sessions.observe });
  const { authority, protocol } = stage;
  const shutdown = createShutdown({ clock: stage.clock, protocol, spreadInSecs: 0 });
  const ledger: Ledger = { written: [] };
  const logged: Record<string, unknown>[] = [];
  const note = (fields: Readonly<Record<string, unknown>>) => void logged.push({ ...fields });
  const transactions = {
    async run<T>(work: (transaction: TestTransaction) => Promise<T>): Promise<T> {
      const rows: string[] = [];
      const answer = await work({ write: (row) => void rows.push(row) });
      ledger.written.push(...rows);
      return answer;
    },
  };
  const log = { warn: note, error: note };
  const api = createApiRouter<TestTransaction>(stage.io, 'api', {
    clock,
    authority,
    sessions,
    log,
    shutdown,
    transactions,
    ...change,
  });
  return {
    stage,
    api,
    ledger,
    shutdown,
    clock,
    logged,
    async end() {
      await stage.end();
      sessions.close();
    },
  };
}

/** A promise that somebody else settles. */
export function openPromise<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
