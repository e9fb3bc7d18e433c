import { type AccessClaims, type EndReason, fail, tokenTypes } from '@latchkey/contract';
import { errors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { FeedState } from '../link/feed-reader.ts';
import type { Introspector } from './introspection.ts';
import type { KeySet } from './key-set.ts';

/**
 * What holds while the list of ended sessions is out of date: `allow` accepts a token until it ends by itself, as plain
 * JWTs always do; `deny` refuses it with `feed_stale`; `introspect` asks the service, and refuses it so without an answer.
 */
export type StalenessPolicy = (typeof stalenessPolicies)[number];
const stalenessPolicies = ['allow', 'deny', 'introspect'] as const;

/** @throws TypeError it is none of the three; a wrong word would not show before the list is out of date */
export function assertPolicy(policy: StalenessPolicy | undefined, of = ''): void {
  if (policy !== undefined && !stalenessPolicies.includes(policy))
    throw new TypeError(`policy${of} has to be 'allow', 'deny' or 'introspect'`);
}

export interface VerifyOptions {
  /** Default: the policy of the whole backend. */
  readonly policy?: StalenessPolicy | undefined;
}

export interface Verifier {
  verify(token: string, options?: VerifyOptions): Promise<AccessClaims>;
  /** What the policy says of a session that was proved before. @throws feed_not_ready, feed_stale, session_revoked */
  checkFeed(policy: StalenessPolicy | undefined, sid: string): Promise<void>;
  /** Forgets which tokens were good; signing keys changed. */
  forget(): void;
}

export interface VerifierDeps {
  readonly keys: KeySet;
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
  readonly policy: StalenessPolicy;
  readonly feed: () => FeedState;
  readonly endedReason: (sid: string) => EndReason | undefined;
  /** For the policy `introspect`. */
  readonly introspector: Introspector;
  /** Verified tokens that are remembered. */
  readonly cacheSize: number;
}

const skewSeconds = 5;

const claimsShape = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1),
  aud: z.string(),
  exp: z.int(),
  iat: z.int(),
  jti: z.string(),
  client_id: z.string(),
  sid: z.string().min(1),
  tid: z.string().min(1),
  auth_time: z.int(),
  amr: z.array(z.string()),
  cnf: z.object({ jkt: z.string() }).optional(),
});

/**
 * Checks access tokens here, without a round trip: signature, type, algorithm, issuer, audience, times, shape, and
 * whether the session has ended. Only signature and shape are remembered; times and the end are asked each time.
 */
export function createVerifier(deps: VerifierDeps): Verifier {
  const { keys, issuer, audience, clock, feed, endedReason, introspector } = deps;
  const remember = () => new LRUCache<string, AccessClaims>({ max: deps.cacheSize });
  let good = remember();

  async function check(token: string): Promise<AccessClaims> {
    // Keys that change meanwhile take what was checked by the ones before along.
    const checkedNow = good;
    const { payload } = await jwtVerify(token, keys.key, {
      algorithms: ['ES256'],
      typ: tokenTypes.access,
      issuer,
      audience,
      requiredClaims: ['exp'],
      clockTolerance: skewSeconds,
      currentDate: new Date(clock.now()),
    });
    const claims = Object.freeze(claimsShape.parse(payload)) as AccessClaims;
    checkedNow.set(token, claims);
    return claims;
  }

  /** False: the service says that it is over. */
  async function followPolicy(policy: StalenessPolicy, ask: () => Promise<boolean>): Promise<boolean> {
    if (!feed().isReady) throw fail('feed_not_ready');
    if (policy === 'allow' || !feed().isStale) return true;
    if (policy === 'deny') throw fail('feed_stale');
    return ask();
  }

  function judge(claims: AccessClaims): void {
    if (claims.exp + skewSeconds <= clock.now() / 1_000) throw fail('unauthenticated', { detail: 'expired' });
    const reason = endedReason(claims.sid);
    if (reason !== undefined) throw fail('unauthenticated', { detail: `the session has ended: ${reason}` });
  }

  return Object.freeze<Verifier>({
    async verify(token, { policy = deps.policy } = {}) {
      assertPolicy(policy);
      if (!feed().isReady) throw fail('feed_not_ready');
      const claims = good.get(token) ?? (await check(token).catch(refuse));
      judge(claims);
      if (await followPolicy(policy, () => introspector.isActive(token))) return claims;
      throw fail('unauthenticated', { detail: 'not active' });
    },
    async checkFeed(policy = deps.policy, sid) {
      if (!(await followPolicy(policy, () => introspector.isAlive(sid)))) throw fail('session_revoked');
    },
    forget() {
      good = remember();
    },
  });
}

/** Only what the token itself says is a verdict about it; a key set that cannot be read is trouble on the way. */
function refuse(error: unknown): never {
  const isVerdict = verdicts.some((kind) => error instanceof kind);
  if (isVerdict) throw fail('unauthenticated', { cause: error, detail: (error as Error).message });
  throw fail('unavailable', { cause: error, detail: 'the key set could not be read' });
}

const verdicts = [
  z.ZodError,
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];
