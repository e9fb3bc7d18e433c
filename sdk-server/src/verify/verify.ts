import { type AccessClaims, assertOptions, type EndReason, errorCodeForEnd, fail } from '@latchkey/contract';
import { type AccessTokenReaderDeps, createAccessTokenReader } from '@latchkey/core';
import { LRUCache } from 'lru-cache';
import type { FeedState } from '../client/revocation-reader.ts';
import type { IntrospectionClient } from './introspection.ts';

/**
 * How tokens are checked while the list of ended sessions is out of date: `allow` accepts a token until it expires,
 * like a plain JWT; `deny` refuses it with `revocations_stale`; `introspect` asks the service, and refuses it with the
 * same code without an answer.
 */
export type StalenessPolicy = (typeof stalenessPolicies)[number];
const stalenessPolicies = ['allow', 'deny', 'introspect'] as const;

/** @throws TypeError for another value, which would otherwise show only once the list is out of date */
export function assertStalenessPolicy(policy: StalenessPolicy | undefined, of = ''): void {
  if (policy !== undefined && !stalenessPolicies.includes(policy))
    throw new TypeError(`policy${of} has to be 'allow', 'deny' or 'introspect'`);
}

/** Options of one verification of an access token. */
export interface VerifyOptions {
  /** Default: the policy of the whole backend. */
  readonly policy?: StalenessPolicy | undefined;
}

/** @throws TypeError for an unknown option or policy */
export function assertVerifyOptions(options: VerifyOptions = {}): VerifyOptions {
  assertOptions('verify', options, { policy: true });
  assertStalenessPolicy(options.policy);
  return options;
}

export interface Verifier {
  /**
   * Returns a promise only if the keys have to be fetched, or the service has to be asked.
   *
   * @throws unauthenticated, revocations_not_ready, revocations_stale, unavailable; also as a rejection
   */
  verify(token: string, options?: VerifyOptions): AccessClaims | Promise<AccessClaims>;
  /**
   * What the policy says of a session that was proved before.
   *
   * @throws revocations_not_ready, revocations_stale, session_revoked, session_expired
   */
  checkSession(policy: StalenessPolicy | undefined, sid: string): Promise<void>;
  /** Forgets which tokens were good; signing keys changed. */
  clearCache(): void;
}

interface VerifierDeps extends AccessTokenReaderDeps {
  readonly policy: StalenessPolicy;
  readonly feed: () => FeedState;
  readonly endedReason: (sid: string) => EndReason | undefined;
  /** For the policy `introspect`. */
  readonly introspectionClient: IntrospectionClient;
  /** Verified tokens that are remembered. */
  readonly cacheSize: number;
}

/** A token whose signature and shape are good. */
interface Verified {
  readonly token: string;
  readonly claims: AccessClaims;
}

/** Characters of an ES256 signature (RFC 7518 §3.4). */
const signatureLength = 86;

/**
 * Checks access tokens here, without a round trip, and whether their session has ended. Only signature and shape are
 * remembered; times and the end are asked each time.
 */
export function createVerifier(deps: VerifierDeps): Verifier {
  const { feed, endedReason, introspectionClient } = deps;
  const reader = createAccessTokenReader(deps);
  const createCache = () => new LRUCache<string, Verified>({ max: deps.cacheSize });
  let cache = createCache();

  /** By the signature, because a hash of the whole token costs more than all other checks of a known one. */
  function findVerified(token: string): AccessClaims | undefined {
    const known = typeof token === 'string' ? cache.get(token.slice(-signatureLength)) : undefined;
    return known?.token === token ? known.claims : undefined;
  }

  function read(token: string, policy: StalenessPolicy): AccessClaims | Promise<AccessClaims> {
    // If the keys change meanwhile, this cache is dropped together with what the former keys verified.
    const current = cache;
    const admit = (claims: AccessClaims) => {
      current.set(token.slice(-signatureLength), { token, claims });
      return accept(token, claims, policy);
    };
    const claims = reader.read(token);
    return claims instanceof Promise ? claims.then(admit) : admit(claims);
  }

  /** What may have ended since the claims were read. @throws unauthenticated, revocations_not_ready, revocations_stale */
  function accept(token: string, claims: AccessClaims, policy: StalenessPolicy): AccessClaims | Promise<AccessClaims> {
    const reason = endedReason(claims.sid);
    if (reason !== undefined) throw ended(reason);
    return needsIntrospection(policy) ? introspect(token, claims) : claims;
  }

  async function introspect(token: string, claims: AccessClaims): Promise<AccessClaims> {
    if (await introspectionClient.isActive(token)) return claims;
    throw ended('not active');
  }

  /** True when the service has to be asked. @throws revocations_not_ready, revocations_stale */
  function needsIntrospection(policy: StalenessPolicy): boolean {
    const { isReady, isStale } = feed();
    if (!isReady) throw fail('revocations_not_ready');
    if (policy === 'allow' || !isStale) return false;
    if (policy === 'deny') throw fail('revocations_stale');
    return true;
  }

  const ended = (why: string) =>
    fail('unauthenticated', { reason: 'session_ended', detail: `the session has ended: ${why}` });

  return Object.freeze<Verifier>({
    verify(token, { policy = deps.policy } = {}) {
      const known = findVerified(token);
      if (known !== undefined) {
        reader.recheck(known);
        return accept(token, known, policy);
      }
      if (!feed().isReady) throw fail('revocations_not_ready');
      return read(token, policy);
    },
    async checkSession(policy = deps.policy, sid) {
      if (!needsIntrospection(policy)) return;
      const reason = await introspectionClient.endedReason(sid);
      if (reason !== undefined) throw fail(errorCodeForEnd(reason));
    },
    clearCache() {
      cache = createCache();
    },
  });
}
