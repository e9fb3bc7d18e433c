import { Failure, type TokenAnswer } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { Http } from '../fetch/http.ts';
import { paths } from '../fetch/paths.ts';
import type { DatabaseClock } from '../platform/database-clock.ts';
import type { Timers } from '../platform/timers.ts';
import type { SessionReason } from '../session-state.ts';
import type { Jar } from '../storage/jar.ts';
import { decodeToken, type HeldToken, isNewer } from '../storage/token.ts';
import { rereadDelayMs } from './backoff.ts';
import { reactTo } from './reaction.ts';

interface HttpRotationNeeds {
  readonly http: Http;
  readonly jar: Jar;
  readonly databaseClock: Pick<DatabaseClock, 'stamp'>;
  readonly timers: Timers;
  readonly random: () => number;
  /** The service said that the session is over. */
  readonly onEnded: (sid: string, reason: SessionReason) => void;
}

const tryForMs = 12_000;

function readJar(jar: Jar): HeldToken {
  const held = jar.read();
  if (held === undefined) throw fail('unauthenticated');
  return held;
}

function bodyOf({ jar, databaseClock }: HttpRotationNeeds, held: HeldToken) {
  const { rotationKey, alsoRotationKeys } = jar.keysFor(held);
  return {
    grant_type: 'refresh_token',
    refresh_token: held.token,
    rotation_key: rotationKey,
    ...(alsoRotationKeys.length === 0 ? {} : { also_rotation_keys: alsoRotationKeys }),
    ...databaseClock.stamp(),
  };
}

function keep(jar: Jar, answer: TokenAnswer): TokenAnswer {
  const next = decodeToken(answer.refresh_token);
  if (next === undefined) throw fail('internal_error', { detail: 'The answer holds no token.' });
  if (jar.store(next, { fresh: false }) === 'foreign') throw fail('unauthenticated');
  return answer;
}

/** Another tab holds a newer token, or soon will. Anything else that failed is thrown on. */
function mayRepeat({ jar, onEnded }: HttpRotationNeeds, held: HeldToken, failure: Failure): boolean {
  const now = jar.read();
  if (now !== undefined && isNewer(now, held)) return true;
  const reaction = reactTo(failure.code);
  if (reaction === 'end') {
    jar.setAside(held.sid, failure.code);
    onEnded(held.sid, failure.code);
  }
  // At `/oauth/token` contended, superseded and busy look like any 503 with Retry-After.
  return reaction === 'reread' || (reaction === 'wait' && failure.retryAfterMs !== undefined);
}

/**
 * Replaces the session's token by the refresh grant (RFC 6749 §6), by the same jar rules as on the socket. Rejects
 * with `unauthenticated` when the jar is empty, or with the last refusal.
 */
export async function rotateOverHttp(needs: HttpRotationNeeds): Promise<TokenAnswer> {
  const { http, jar, timers, random } = needs;
  const until = timers.now() + tryForMs;
  for (;;) {
    let held = readJar(jar);
    /** A proof takes a moment, in which another tab may change the jar: it is read again in the task that sends. */
    const body = () => {
      held = readJar(jar);
      return bodyOf(needs, held);
    };
    try {
      await jar.written?.(held);
      return keep(jar, await http.postJson<TokenAnswer>(paths.oauthToken, body));
    } catch (cause) {
      const failure = cause instanceof Failure ? cause : fail('unavailable', { cause });
      const wait = Math.max(rereadDelayMs(random), failure.retryAfterMs ?? 0);
      if (!mayRepeat(needs, held, failure) || timers.now() + wait > until) throw failure;
      await new Promise<void>((resolve) => timers.after(wait, resolve));
    }
  }
}
