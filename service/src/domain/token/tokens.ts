import type { KeyObject } from 'node:crypto';
import { type AccessClaims, fail, tokenTypes } from '@latchkey/contract';
import type { AccessTokenReader } from '@latchkey/core';
import { type Clock, type JwtHeader, peekJwtHeader } from '@latchkey/core/internal';
import type { BatchObserver } from '../../base/batcher.ts';
import type { DatabaseClock } from '../../db/database-clock.ts';
import type { Db } from '../../db/schema.ts';
import type { SigningKeys } from '../key/keys.ts';
import type { Secrets } from '../secret/secrets.ts';
import type { LiveSession } from '../session/session.ts';
import { type AccessTokenOptions, accessClaims, adminClaims, signAccessToken } from './access-token.ts';
import { createRotationBatcher } from './rotation-batcher.ts';
import { createRotationStore, type RotationStoreOptions } from './rotation-store.ts';
import { signSessionToken, verifySessionToken } from './session-token.ts';
import { type RotationResult, type RotationVerdict, rotationVerdicts, type TokenPresentation } from './token.ts';

/** The check of access tokens that backends make as well, for one audience. */
type TokenReader = Pick<AccessTokenReader, 'read'>;

interface TokensOptions extends AccessTokenOptions, Omit<RotationStoreOptions, 'databaseClock'> {
  readonly batchSize: number;
  readonly batchLanes: number;
}

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens(deps: {
  db: Db;
  clock: Clock;
  /** Each batch of presentations is a sample for it. */
  databaseClock: DatabaseClock;
  secrets: Secrets;
  keys: SigningKeys;
  /** Checks access tokens for applications. */
  accessTokens: TokenReader;
  /** Checks access tokens for `/admin`. */
  adminTokens: TokenReader;
  options: TokensOptions;
  /** Called after each batch of presentations. Default: nothing. */
  onBatch?: BatchObserver | undefined;
}) {
  const { db, clock, databaseClock, secrets, keys, accessTokens, adminTokens, options } = deps;
  const store = createRotationStore({ ...options, databaseClock });
  const present = createRotationBatcher({
    clock,
    earliest: () => (databaseClock.isKnown ? databaseClock.earliest() : Number.NEGATIVE_INFINITY),
    run: (presentations) => store.present(db, presentations),
    size: options.batchSize,
    concurrency: options.batchLanes,
    onBatch: deps.onBatch,
  });

  const verdicts = createVerdictCounts();
  let taken = { presented: 0, late: 0 };

  function counted(rotation: RotationResult): RotationResult {
    verdicts[rotation.verdict] += 1;
    return rotation;
  }

  function lateness() {
    const presented = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
    return { presented, late: verdicts.late };
  }

  async function sessionKey(header: JwtHeader): Promise<KeyObject> {
    const key = secrets.key('session', header.kid);
    if (key === undefined) throw await secrets.classifyUnknownKid(db, header.kid);
    return key;
  }

  return Object.freeze({
    /** The session token of the row's newest generation; the same bytes each time. */
    signSession: (session: LiveSession) =>
      signSessionToken({ ...session, exp: Math.floor(session.expiresAtMs / 1_000) }, secrets),
    /**
     * A session token whose MAC is good. Its row decides everything else.
     *
     * @param header of the token, where it was read already
     * @throws token_invalid · unavailable its secret is missing on this node
     */
    async readSession(token: string, header: JwtHeader | undefined = peekJwtHeader(token)) {
      if (header?.typ !== tokenTypes.session) throw fail('token_invalid', { detail: 'no session token' });
      return verifySessionToken(token, header, await sessionKey(header));
    },
    /** Presents one token in the next batch; resolves after its commit. @throws unavailable · overloaded */
    present: async (shown: TokenPresentation, isDisconnected: () => boolean) =>
      counted(await present(shown, isDisconnected)),
    /** How many presentations of each verdict this node has carried out. */
    verdictCounts: (): Readonly<Record<RotationVerdict, number>> => ({ ...verdicts }),
    /** How many presentations this node has carried out since the last call, and how many of them were late. */
    takeLateness() {
      const before = taken;
      taken = lateness();
      return { presented: taken.presented - before.presented, late: taken.late - before.late };
    },
    /** Presents one token inside a transaction, for codes. */
    async presentInTransaction(tx: Db, shown: TokenPresentation) {
      const [rotation] = await store.present(tx, [shown]);
      return counted(rotation!);
    },
    /** Claims of an access token with these scopes for a session that was just proved alive. */
    accessClaims: (session: LiveSession, scope: string) => accessClaims(session, scope, options, Math.random()),
    /** Signs them; names in `more` that are the service's own are ignored. */
    signAccess: async (claims: AccessClaims, more: Record<string, unknown> = {}) =>
      signAccessToken(claims, more, await keys.findCurrent()),
    /**
     * Checks one of our access tokens, for the audience of applications; not whether its session has ended.
     *
     * @throws unauthenticated · unavailable
     */
    readAccess: async (token: string) => accessTokens.read(token),
    /** Claims of a token for `/admin`, of an operator's session that was just proved alive. */
    adminClaims: (session: LiveSession) => adminClaims(session, options, Math.random()),
    /** Checks an access token for `/admin`, and refuses those for applications. @throws unauthenticated */
    readAdmin: async (token: string) => adminTokens.read(token),
  });
}

const createVerdictCounts = () =>
  Object.fromEntries(rotationVerdicts.map((verdict) => [verdict, 0])) as Record<RotationVerdict, number>;
