import type { SessionLifetime } from '../authority.ts';
import type { Connection } from './connection.ts';

/** The part of a connection that knows when its session may end. */
export type ExpiryState = Pick<Connection, 'endsAt' | 'idleEndsAt' | 'accessLapsesAt' | 'endStage' | 'idleStage'>;

interface ExpiryWarning {
  readonly reason: 'idle_timeout' | 'expired';
  readonly inSeconds: number;
}

/** The database counts in whole seconds, and a bucket may come up early by its width. */
const slackMs = 1_000;

/** The first warning that still lies ahead; the number of warnings if none does. */
export function nextWarningIndex(remainingMs: number, warningsMs: readonly number[]): number {
  const stage = warningsMs.findIndex((warning) => remainingMs > warning);
  return stage < 0 ? warningsMs.length : stage;
}

/** Time of the next check of the connection. */
export function nextCheckAt(span: ExpiryState, warningsMs: readonly number[]): number {
  return Math.min(
    span.accessLapsesAt,
    span.endsAt - (warningsMs[span.endStage] ?? 0),
    span.idleEndsAt - (warningsMs[span.idleStage] ?? 0),
  );
}

/** Back to earlier warnings when the end has moved away from those that were passed. */
function relaxStage(stage: number, remainingMs: number, warningsMs: readonly number[]): number {
  const passed = warningsMs[stage - 1];
  return passed !== undefined && remainingMs > passed + slackMs ? nextWarningIndex(remainingMs, warningsMs) : stage;
}

/**
 * Takes the times of the row. A time that is already below all warnings starts below them, so that no warning is sent
 * for a time that the session never had.
 */
export function setLifetime(
  span: ExpiryState,
  lifetime: SessionLifetime,
  warningsMs: readonly number[],
  now: number,
): void {
  const { expiresInSeconds, idleExpiresInSeconds } = lifetime;
  span.endsAt = now + expiresInSeconds * 1_000;
  span.idleEndsAt = idleExpiresInSeconds === null ? Number.POSITIVE_INFINITY : now + idleExpiresInSeconds * 1_000;
  span.endStage = relaxStage(span.endStage, span.endsAt - now, warningsMs);
  span.idleStage = relaxStage(span.idleStage, span.idleEndsAt - now, warningsMs);
}

/**
 * Advances both stages to the current time, and returns the warnings: one for each limit that was passed, with the
 * remaining time. An idle limit after the absolute end has none, because activity cannot move that end.
 */
export function takeDueWarnings(span: ExpiryState, warningsMs: readonly number[], now: number): ExpiryWarning[] {
  const warnings: ExpiryWarning[] = [];
  const endStage = Math.max(span.endStage, nextWarningIndex(span.endsAt - now - slackMs, warningsMs));
  const idleStage = Math.max(span.idleStage, nextWarningIndex(span.idleEndsAt - now - slackMs, warningsMs));
  if (endStage > span.endStage) warnings.push({ reason: 'expired', inSeconds: secondsUntil(span.endsAt, now) });
  if (idleStage > span.idleStage && span.idleEndsAt < span.endsAt) {
    warnings.push({ reason: 'idle_timeout', inSeconds: secondsUntil(span.idleEndsAt, now) });
  }
  span.endStage = endStage;
  span.idleStage = idleStage;
  return warnings;
}

function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.round((at - now) / 1_000));
}
