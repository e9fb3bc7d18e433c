import type { EndReason } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import { createCoalescer } from '../../base/coalesce.ts';
import type { Page } from '../../db/page.ts';
import type { Db } from '../../db/schema.ts';
import { retrying } from '../../db/transaction.ts';
import type { EndTarget, LiveSession, NewSession, SeenSession, SessionRow, SessionState } from './session.ts';
import { replaceClaims } from './session-claims-store.ts';
import { createEndBatch } from './session-end-batch.ts';
import * as ends from './session-ends-store.ts';
import { shortenSessions } from './session-limits-store.ts';
import * as seen from './session-list-store.ts';
import * as store from './session-store.ts';
import { sessionsOfTenant } from './session-walk.ts';

export interface Sessions {
  /**
   * Opens the session of a code, and ends the oldest ones of a user who has too many. `undefined`: the code's session
   * stands already, or the user may not sign in any more.
   */
  open(tx: Db, session: NewSession): Promise<LiveSession | undefined>;
  /** The session as it lives now. */
  live(db: Db, sid: string): Promise<LiveSession | undefined>;
  list(db: Db, userId: string): Promise<SessionRow[]>;
  /** Which of the sessions are the tenant's, living or not. */
  ofTenant(db: Db, sids: readonly string[], tenantId: string): Promise<string[]>;
  /** Ends live sessions for good; says which. Only after the commit may anybody be told. */
  end(db: Db, target: EndTarget, reason: EndReason): Promise<string[]>;
  /** Ends every live session of a user at once: `current` by logout, the others from elsewhere. Says which. */
  endEverywhere(tx: Db, userId: string, current: string): Promise<string[]>;
  /** Ends all live sessions of a tenant, so many at a time that nobody waits for long. Says how many. */
  endTenant(db: Db, tenantId: string, reason: EndReason): Promise<number>;
  /** A page of live sessions, the newest first. @throws invalid_request the cursor */
  listSeen(db: Db, asked: seen.SessionsAsked): Promise<Page<SeenSession>>;
  /** One of them; `undefined` when it does not live. */
  findSeen(db: Db, sid: string): Promise<SeenSession | undefined>;
  /** Which sessions live, read now; those whose time is over are settled on the way. */
  inspect(sids: readonly string[]): Promise<SessionState[]>;
  /**
   * A tenant's limits, as they are committed, for its live sessions, as far as they are shorter; so many at a time that nobody
   * waits for long. Those whose time is over by them end. Says how many.
   */
  shorten(tenantId: string): Promise<number>;
  /** Other claims for every live session of a user. Says which had others before. */
  replaceClaims(tx: Db, userId: string, claims: Readonly<Record<string, unknown>>): Promise<string[]>;
  /** Late and batched; losing it is harmless. */
  confirm(sid: string, generation: number): void;
  /** Late and batched; losing it is harmless. */
  active(sid: string): void;
  /** Removes rows that nobody can ask for any more; says how many. */
  dispose(): Promise<number>;
  /** Writes what is batched. */
  flush(): Promise<void>;
}

export interface SessionsOptions extends store.SessionLimits, ends.EndOptions {
  readonly maxSessionsPerUser: number;
}

/** @example const sessions = createSessions({ db, clock, onError, options }); */
export function createSessions(deps: {
  db: Db;
  clock: Clock;
  onError: (error: unknown) => void;
  options: SessionsOptions;
}): Sessions {
  const { db, clock, onError, options } = deps;
  const confirmed = createCoalescer<string, number>({
    clock,
    everyMs: 100,
    write: (batch) => retrying(() => store.confirmStored(db, batch)),
    onError,
  });
  const actives = createCoalescer<string, true>({
    clock,
    everyMs: 1_000,
    write: (batch) => retrying(() => store.markActive(db, [...batch.keys()])),
    onError,
  });

  const endBatch = createEndBatch((requests) => retrying(() => ends.endEach(db, requests, options)));

  async function capped(tx: Db, opened: LiveSession): Promise<void> {
    const beyond = await store.listBeyond(tx, opened, options.maxSessionsPerUser);
    if (beyond.length > 0) await ends.endSessions(tx, { sids: beyond }, 'cap', options);
  }

  return Object.freeze({
    async open(tx: Db, session: NewSession) {
      const opened = await store.openSession(tx, session, options);
      if (opened !== undefined) await capped(tx, opened);
      return opened;
    },
    live: store.readLive,
    list: store.listLive,
    ofTenant: store.readOfTenant,
    end(handle: Db, target: EndTarget, reason: EndReason) {
      if ('sid' in target && !handle.isTransaction) return endBatch.end({ ...target, reason });
      const statement = () => ends.endSessions(handle, target, reason, options);
      return handle.isTransaction ? statement() : retrying(statement);
    },
    endEverywhere: (tx: Db, userId: string, current: string) => ends.endEverywhere(tx, userId, current, options),
    async endTenant(handle: Db, tenantId: string, reason: EndReason) {
      let ended = 0;
      for await (const sids of sessionsOfTenant(handle, tenantId))
        ended += (await retrying(() => ends.endSessions(handle, { sids }, reason, options))).length;
      return ended;
    },
    listSeen: seen.listSeen,
    findSeen: seen.findSeen,
    async inspect(sids: readonly string[]) {
      await retrying(() => ends.endExpired(db, sids, options));
      return store.readStates(db, sids);
    },
    async shorten(tenantId: string) {
      let ended = 0;
      for await (const sids of sessionsOfTenant(db, tenantId)) {
        const over = await retrying(() => shortenSessions(db, { tenantId, sids }, options));
        if (over.length > 0) ended += (await retrying(() => ends.endExpired(db, over, options))).length;
      }
      return ended;
    },
    replaceClaims,
    confirm: (sid: string, generation: number) => confirmed.put(sid, generation),
    active: (sid: string) => actives.put(sid, true),
    async dispose() {
      let removed = 0;
      for (let more = true; more; ) {
        const batch = await store.disposeEnded(db);
        removed += batch;
        more = batch > 0;
      }
      return removed;
    },
    async flush() {
      await Promise.all([confirmed.flush(), actives.flush()]);
    },
  });
}
