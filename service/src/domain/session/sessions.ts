import { type EndReason, Failure, fail } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import type { BatchObserver } from '../../base/batcher.ts';
import { createWriteBuffer } from '../../base/write-buffer.ts';
import type { DatabaseClock } from '../../db/database-clock.ts';
import { type Deadline, deadlineNow, lateFailure } from '../../db/deadline.ts';
import type { Db } from '../../db/schema.ts';
import { withRetry } from '../../db/transaction.ts';
import type { UnwrittenEnd } from '../failover/failover.ts';
import type { EndTarget, NewSession, SessionPolicy } from './session.ts';
import { deleteEnded, markExpired } from './session-cleanup.ts';
import { createEndBatcher } from './session-end-batcher.ts';
import * as ends from './session-end-store.ts';
import { applySessionLimits } from './session-limits-store.ts';
import * as seen from './session-list-store.ts';
import * as recovery from './session-recovery-store.ts';
import * as store from './session-store.ts';
import { eraseSessionDetails, replaceClaims } from './session-store.ts';
import { sessionsOfTenant, type TenantSessions } from './session-walk.ts';

/** Is called with a session after the commit that ended it. */
type OnEnded = (sid: string, reason: EndReason) => void;

export interface SessionsOptions extends store.SessionLimits, ends.EndOptions {
  readonly maxSessionsPerUser: number;
}

export type Sessions = ReturnType<typeof createSessions>;

/** @example const sessions = createSessions({ db, clock, onError, options }); */
export function createSessions(deps: {
  db: Db;
  clock: Clock;
  databaseClock: DatabaseClock;
  onError: (error: unknown) => void;
  options: SessionsOptions;
  /** Called after each batch of ends. Default: nothing. */
  onEndBatch?: BatchObserver | undefined;
}) {
  const { db, clock, databaseClock, onError, options } = deps;
  const confirmed = createWriteBuffer<string, number>({
    clock,
    everyMs: 100,
    write: (batch) => withRetry(() => store.confirmStored(db, batch)),
    onError,
  });
  const actives = createWriteBuffer<string, number>({
    clock,
    everyMs: 1_000,
    write: (batch) => withRetry(() => store.markActive(db, batch)),
    onError,
  });

  const endInBatch = createEndBatcher(
    clock,
    (requests) => withRetry(() => ends.endMany(db, requests, options)),
    deps.onEndBatch,
  );

  /** The user's sessions that are too many beside `sid`, the oldest; a new one is refused where the tenant says so. */
  async function findExcess(
    handle: Db,
    opened: { readonly sid: string | null; readonly userId: string },
    { maxSessions, sessionLimit }: SessionPolicy,
  ): Promise<readonly string[]> {
    const excess = await store.listExcess(handle, opened, maxSessions ?? options.maxSessionsPerUser);
    if (excess.length > 0 && sessionLimit === 'refuse') throw fail('session_limit_reached');
    return excess;
  }

  /** One piece of a walk: the deadline is its own, what is meant by it the whole walk's. */
  const chunkDeadline = ({ createdBefore }: Pick<Deadline, 'createdBefore'>): Deadline => ({
    ...deadlineNow(databaseClock),
    createdBefore,
  });

  return Object.freeze({
    /**
     * Opens the session of a code, and ends the oldest ones of a user who has too many, or opens none where the tenant
     * refuses it. `undefined`: the code's session exists already, or the user may not sign in any more.
     *
     * @throws session_limit_reached the transaction has to be rolled back · unavailable the database epoch is not served, or
     * another one
     */
    async open(tx: Db, session: NewSession) {
      const found = await store.openSession(tx, session, options);
      if (found === undefined) return undefined;
      const { maxSessions, sessionLimit, ...opened } = found;
      const excess = await findExcess(tx, opened, { maxSessions, sessionLimit });
      if (excess.length > 0) await ends.endSessions(tx, { target: { sids: excess }, reason: 'session_limit' }, options);
      return opened;
    },
    /** For a sign-in before its code is made. {@link open} decides. @throws session_limit_reached */
    async assertWithinLimit(handle: Db, userId: string, policy: SessionPolicy): Promise<void> {
      if (policy.sessionLimit === 'refuse') await findExcess(handle, { sid: null, userId }, policy);
    },
    /** The session as it lives now, to end it or to name its owner. */
    live: store.readLive,
    /**
     * The live session, for a token that is to be issued or validated.
     *
     * @param epoch the database epoch in which the request arrived
     * @throws unavailable the database epoch is not served, or another one
     */
    liveInEpoch: store.readLiveInEpoch,
    list: store.listLive,
    /** Tenants of the sessions, live or ended, by session id. A session whose row was deleted is missing. */
    tenantsOf: store.readTenants,
    /**
     * Ends live sessions. Returns their ids. Callers notify others only after the commit. Sessions that were opened after
     * the request are left alone.
     *
     * @throws unavailable the deadline passed, so that some of them may live on
     */
    async end(handle: Db, target: EndTarget, reason: EndReason, deadline: Deadline) {
      if ('sid' in target && !handle.isTransaction) return endInBatch({ ...target, reason, deadline });
      const statement = () => ends.endSessions(handle, { target, reason, deadline }, options);
      return assertInTime(await (handle.isTransaction ? statement() : withRetry(statement)));
    },
    /** Ends all sessions of a user: `current` as `logout`, the others as `ended_by_user`. Returns their ids. @throws unavailable */
    async endAllOfUser(tx: Db, whose: { userId: string; current: string }, deadline: Deadline) {
      return assertInTime(await ends.endAllOfUser(tx, { ...whose, deadline }, options));
    },
    /**
     * Ends the live sessions of a tenant that were opened before `asked`, in pieces, so that no other statement waits
     * for long. Says how many. Calls `onEnded` after the commit of each piece, also of those before one that fails.
     *
     * @throws unavailable a piece was late; the message says how many have ended
     */
    async endTenant(
      handle: Db,
      which: TenantSessions,
      reason: EndReason,
      by: Pick<Deadline, 'createdBefore'>,
      onEnded: OnEnded,
    ) {
      let ended = 0;
      for await (const sids of sessionsOfTenant(handle, which)) {
        const piece = { target: { sids }, reason, deadline: chunkDeadline(by) };
        const done = await withRetry(() => ends.endSessions(handle, piece, options));
        for (const sid of done.ended) onEnded(sid, reason);
        ended += done.ended.length;
        if (isPartial(done)) throw stoppedAfter(ended);
      }
      return ended;
    },
    /** Writes ends again that the database has lost. Returns how many it lacked. */
    writeBack: (handle: Db, lost: readonly UnwrittenEnd[]) => recovery.writeBackEnds(handle, lost, options),
    /** Ends every live session with `generation_unknown`, a piece at a time. Returns how many. Stops once `isStopped`. */
    endAll: (handle: Db, isStopped: () => boolean) => recovery.endAll(handle, options, isStopped),
    /** A page of live sessions, the newest first. @throws invalid_request the cursor */
    listDetails: seen.listSessionDetails,
    /** One of them; `undefined` when it does not live. */
    findDetails: seen.findSessionDetails,
    /**
     * Reads which sessions are live, and ends those that have expired.
     *
     * @throws unavailable the database epoch is not served: rows may lack what was committed before
     */
    async inspect(sids: readonly string[]) {
      const { epoch } = databaseClock;
      const states = await store.readStates(db, sids, epoch);
      const over = states.filter((state) => !state.alive).map(({ sid }) => sid);
      if (over.length === 0) return states;
      await withRetry(() => ends.endExpired(db, over, options));
      return store.readStates(db, sids, epoch);
    },
    /**
     * Applies a tenant's committed limits to its live sessions, if they are shorter, in chunks that hold locks briefly.
     * Ends sessions that have expired by them. Returns the number of ended sessions. Calls `onEnded` after the commit of
     * each chunk.
     *
     * @throws unavailable a chunk was late; the message has the number of ended sessions
     */
    async applyTenantLimits(tenantId: string, by: Pick<Deadline, 'createdBefore'>, onEnded: OnEnded) {
      let ended = 0;
      for await (const sids of sessionsOfTenant(db, { tenantId })) {
        const deadline = chunkDeadline(by);
        const shortened = withRetry(() => applySessionLimits(db, { tenantId, sids }, options, deadline));
        const over = await shortened.catch((error: unknown) => {
          throw error instanceof Failure ? stoppedAfter(ended) : error;
        });
        if (over.length === 0) continue;
        const expired = await withRetry(() => ends.endExpired(db, over, options));
        for (const [sid, reason] of expired) onEnded(sid, reason);
        ended += expired.size;
      }
      return ended;
    },
    /** Other claims for every live session of a user. Returns the ids of those that had others. */
    replaceClaims,
    /** Erases user agents, networks and claims of all sessions of a user, also of those that have ended. */
    eraseDetails: eraseSessionDetails,
    /** Batched and delayed. May be lost on a crash, with no effect on the session. */
    confirmStored: (sid: string, generation: number) => confirmed.put(sid, generation),
    /** Batched and delayed. May be lost on a crash: the idle limit then counts from the activity before. */
    markActive(sid: string) {
      if (databaseClock.isKnown) actives.put(sid, databaseClock.earliest());
    },
    /** Marks sessions that expired as ended, and deletes those that ended a day ago. Returns how many were deleted. */
    async deleteEnded() {
      await markExpired(db, options.retentionSeconds);
      return deleteEnded(db);
    },
    /** Writes what is batched. */
    async flush() {
      await Promise.all([confirmed.flush(), actives.flush()]);
    },
  });
}

const isPartial = ({ late, isLate }: ends.EndResult): boolean => isLate || late.length > 0;

function assertInTime(done: ends.EndResult): readonly string[] {
  if (isPartial(done)) throw lateFailure();
  return done.ended;
}

function stoppedAfter(ended: number): Failure {
  return lateFailure(`Some sessions were not reached in time; ${ended} were. Try again.`);
}
