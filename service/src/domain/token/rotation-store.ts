import { CompiledQuery } from 'kysely';
import type { DatabaseClock } from '../../db/database-clock.ts';
import { lateSql, timestampSql } from '../../db/deadline.ts';
import { isServedSql, servedEpochCte } from '../../db/epoch.ts';
import type { Db } from '../../db/schema.ts';
import { endsAt, liveColumns } from '../session/live-session.sql.ts';
import type { LiveSession } from '../session/session.ts';
import type { RotationResult, RotationVerdict, TokenPresentation } from './token.ts';

/**
 * The verdict and its effect in one guarded statement, for a batch of presentations: the twin of `decideRotation`. Rows
 * are locked in the order of their ids, then the head of the blacklist; there is never read, check, then write, and no
 * second table has a say in the verdict (only the locked row is read again after waiting).
 *
 * A late presentation comes first among the verdicts and changes nothing. It is judged by the time after its row's lock,
 * row by row: a locker that only locked leaves the row as it was, so that a condition beside FOR UPDATE is not read again.
 *
 * The joins at the end are FULL so that they are hashed: `v` is part of `req` and `upd` part of `v`, so LEFT says the
 * same, but the planner expects one row there and loops, 65,000 comparisons for a batch of 256.
 *
 * The LIMIT drops no row. It lets the planner expect one row where it does not know the arrays, so that it keeps the
 * plan of the prepared statement: to plan costs more than a small batch itself.
 */
function rotationStatement({ appendRevocations }: Pick<RotationStoreOptions, 'appendRevocations'>): string {
  return `/* name: rotate */ WITH
    req AS MATERIALIZED (SELECT r.*, row_number() OVER (PARTITION BY sid ORDER BY ord) AS turn
      FROM (SELECT ord, sid, g, rtag, k0, k1, k2, k3, rjkt, kind, ${timestampSql('until_ms')} AS until, epoch
        FROM unnest($1::int[], $2::uuid[], $3::int[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[],
                    $9::text[], $10::text[], $11::float8[], $12::text[])
             u(ord, sid, g, rtag, k0, k1, k2, k3, rjkt, kind, until_ms, epoch)
        LIMIT cardinality($1::int[])) r),
    ${servedEpochCte},
    locked AS MATERIALIZED (SELECT s.*, r.ord, r.g, r.rtag, r.k0, r.k1, r.k2, r.k3, r.rjkt, r.kind, r.until, r.epoch
      FROM req r JOIN sessions s ON s.sid = r.sid WHERE r.turn = 1 ORDER BY s.sid FOR NO KEY UPDATE OF s),
    timed AS MATERIALIZED (SELECT l.*, clock_timestamp() AS t FROM locked l),
    v AS MATERIALIZED (SELECT l.*, c.recent, CASE
      WHEN NOT ${isServedSql('l.epoch')} THEN 'moved'
      WHEN ${lateSql('t', 'l.until')} THEN 'late'
      WHEN revoked_at IS NOT NULL THEN 'revoked'
      WHEN t >= ${endsAt('l')} THEN 'expired'
      WHEN jkt IS NOT NULL AND jkt IS DISTINCT FROM rjkt THEN 'proof'
      WHEN g > gen OR (g = gen AND rtag IS DISTINCT FROM tag) THEN 'unknown_generation'
      WHEN g = gen THEN CASE
        WHEN k0 = tag OR k0 = ANY(h_key) THEN 'key_reused'
        WHEN c.recent >= 60 THEN 'rate_limited'
        ELSE 'rotate' END
      WHEN g = gen - 1 AND tag IN (k0, k1, k2, k3) AND NOT confirmed THEN 'replay'
      WHEN g = gen - 1 AND tag IN (k0, k1, k2, k3) AND touched_at > t - interval '60 s' THEN 'superseded'
      WHEN EXISTS (SELECT FROM unnest(h_gen, h_key, h_at) h(hg, hk, ht)
        WHERE hg = g AND hk IN (k0, k1, k2, k3) AND ht > t - interval '60 s') THEN 'superseded'
      WHEN kind = 'keyed' AND EXISTS (SELECT FROM unnest(h_gen, h_at) h(hg, ht)
        WHERE hg = g AND ht > t - interval '10 s') THEN 'contended'
      ELSE 'reuse' END AS verdict
      FROM timed l
      CROSS JOIN LATERAL (SELECT count(*)::int AS recent FROM unnest(h_at) x WHERE x > t - interval '60 s') c),
    upd AS (UPDATE sessions s SET touched_at = v.t,
      gen = CASE v.verdict WHEN 'rotate' THEN s.gen + 1 ELSE s.gen END,
      tag = CASE v.verdict WHEN 'rotate' THEN v.k0 ELSE s.tag END,
      confirmed = CASE v.verdict WHEN 'rotate' THEN false ELSE s.confirmed END,
      h_gen = CASE v.verdict WHEN 'rotate' THEN (s.h_gen || s.gen)[cardinality(s.h_gen) + 1 - v.recent:] ELSE s.h_gen END,
      h_key = CASE v.verdict WHEN 'rotate' THEN (s.h_key || v.k0)[cardinality(s.h_key) + 1 - v.recent:] ELSE s.h_key END,
      h_at = CASE v.verdict WHEN 'rotate' THEN (s.h_at || v.t)[cardinality(s.h_at) + 1 - v.recent:]
        WHEN 'replay' THEN s.h_at[:cardinality(s.h_at) - 1] || v.t ELSE s.h_at END,
      revoked_at = CASE WHEN v.verdict IN ('reuse', 'unknown_generation') THEN v.t ELSE s.revoked_at END,
      revoke_reason = CASE v.verdict
        WHEN 'reuse' THEN CASE v.kind WHEN 'code' THEN 'code_used' ELSE 'token_reused' END
        WHEN 'unknown_generation' THEN 'generation_unknown'
        ELSE s.revoke_reason END
      FROM v WHERE s.sid = v.sid AND v.verdict IN ('rotate', 'replay', 'reuse', 'unknown_generation')
      RETURNING s.sid, s.gen, s.tag, s.revoke_reason),
    dead AS (SELECT v.sid, v.t, u.revoke_reason, row_number() OVER (ORDER BY v.sid) rn, count(*) OVER () n
      FROM v JOIN upd u ON u.sid = v.sid WHERE v.verdict IN ('reuse', 'unknown_generation')),
    ${appendRevocations('$13::interval')}
    SELECT r.ord, CASE WHEN r.turn > 1 THEN 'busy' WHEN v.verdict IS NOT NULL THEN v.verdict
        WHEN NOT ${isServedSql('r.epoch')} THEN 'moved'
        WHEN ${lateSql('clock_timestamp()', 'r.until')} THEN 'late' ELSE 'unknown_session' END AS verdict,
      u.gen, u.tag, v.gen AS gen_before, v.sid, ${liveColumns('v', 'v.t')},
      (SELECT count(*) FROM note) AS notes, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms
    FROM req r FULL JOIN v USING (ord) FULL JOIN upd u ON u.sid = v.sid`;
}

/** The session's columns are null where there is none; `gen` and `tag` are those after the statement, if it granted. */
interface RotatedRow extends LiveSession {
  readonly ord: number;
  readonly verdict: RotationVerdict;
  readonly gen_before: number;
  readonly now_ms: number;
  readonly notes: number;
}

export interface RotationStoreOptions {
  readonly appendRevocations: (interval: string) => string;
  readonly retentionSeconds: number;
  /** Each batch is a sample for it, unless the epoch is another one. */
  readonly databaseClock: Pick<DatabaseClock, 'measure'>;
}

export function createRotationStore(options: RotationStoreOptions) {
  const statement = rotationStatement(options);
  const interval = `${options.retentionSeconds} seconds`;
  return Object.freeze({
    /** Validates a batch in one round trip. Answers have the order of the requests. */
    async present(db: Db, batch: readonly TokenPresentation[]) {
      const query = CompiledQuery.raw(statement, parameters(batch, interval)) as CompiledQuery<RotatedRow>;
      const { rows } = await options.databaseClock.measure(
        () => db.executeQuery(query),
        ({ rows: [first] }) => (first?.verdict === 'moved' ? undefined : first?.now_ms),
      );
      const answers = new Array<RotationResult>(batch.length);
      for (const row of rows) answers[row.ord] = toRotation(row);
      return answers;
    },
  });
}

function parameters(batch: readonly TokenPresentation[], interval: string): unknown[] {
  const key = (index: number) => batch.map((shown) => shown.keys[index] ?? null);
  return [
    batch.map((_, ord) => ord),
    batch.map((shown) => shown.sid),
    batch.map((shown) => shown.gen),
    batch.map((shown) => shown.tag),
    key(0),
    key(1),
    key(2),
    key(3),
    batch.map((shown) => shown.jkt),
    batch.map((shown) => shown.kind),
    batch.map((shown) => shown.until),
    batch.map((shown) => shown.epoch),
    interval,
  ];
}

function toRotation({ ord, verdict, gen_before, now_ms, notes, ...session }: RotatedRow): RotationResult {
  if (verdict === 'rotate' || verdict === 'replay') return { verdict, session };
  return {
    verdict,
    userId: session.userId ?? null,
    tenantId: session.tenantId ?? null,
    bound: (session.jkt ?? null) !== null,
    generation: gen_before ?? null,
  };
}
