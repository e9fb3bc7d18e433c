import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { type AccessClaims, type EndReason, tokenTypes } from '@latchkey/contract';
import { composeLatchkey, type Latchkey } from '../latchkey.ts';
import type { ProcessOptions } from '../options.ts';
import { accessTokenSeconds, createTestClient } from './test-client.ts';
import { createTestClock, type TestClock } from './test-clock.ts';
import { createTestSessions, type OpenSession, type TestSession, type TestSessionOptions } from './test-sessions.ts';

/** A latchkey of a test, and what the test decides in place of the service. */
export interface TestLatchkey {
  /** For the app under test, in place of `createLatchkey(options)`. */
  readonly latchkey: Latchkey;
  readonly clock: TestClock;
  /** Opens a session, as a sign-in at the service does. */
  openSession(options?: TestSessionOptions): TestSession;
  /** Ends a session on all servers: its access tokens are refused, its sockets are closed. Default: `logout`. */
  endSession(sessionId: string, reason?: EndReason): void;
  /** Whether the connection to the service is lost, so that `policy` decides. Default: false. */
  setStale(isStale: boolean): void;
}

const issuer = 'https://latchkey.test';
const kid = 'test';

/**
 * A latchkey for the tests of an app, without a service or a database. Guards, `verify`, `socketServe` and `apiRouter` run as
 * they do in production; sessions and signing key are those of this test. Close `latchkey` at the end.
 *
 * @throws TypeError for an option that does not exist or makes no sense
 * @example
 * const { latchkey, openSession, clock } = createTestLatchkey();
 * const server = createApp(latchkey).listen(0);
 * const { userId, accessToken } = openSession({ scope: 'report' });
 * const headers = { authorization: `Bearer ${accessToken()}` };
 * // 200 with userId; after clock.advance(400_000): 401
 */
export function createTestLatchkey(options: Omit<ProcessOptions, 'clock'> = {}): TestLatchkey {
  const clock = createTestClock();
  const sessions = createTestSessions();
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let isStale = false;
  const signAccess = (session: OpenSession, changes: Partial<AccessClaims> = {}) =>
    signJwt({ ...accessClaims(session, clock.now()), ...changes }, privateKey);
  const latchkey = composeLatchkey({
    ...options,
    clock,
    issuer,
    audience: issuer,
    client: createTestClient({ sessions, clock, signAccess, isStale: () => isStale }),
    keys: { find: (id) => (id === kid ? publicKey : undefined), reload: async () => {} },
    spreadInSecs: 0,
  });

  return Object.freeze<TestLatchkey>({
    latchkey,
    clock,
    openSession(wanted = {}) {
      const session = sessions.open(wanted);
      const { sessionId, userId, tenantId, token } = session;
      const accessToken = (changes?: Partial<AccessClaims>) => signAccess(session, changes);
      return Object.freeze({ sessionId, userId, tenantId, token, accessToken });
    },
    endSession: (sessionId, reason = 'logout') => sessions.end(sessionId, reason),
    setStale(value) {
      isStale = value;
    },
  });
}

function accessClaims({ sessionId, userId, tenantId, scope, claims }: OpenSession, nowMs: number): AccessClaims {
  const iat = Math.floor(nowMs / 1_000);
  return {
    ...claims,
    ...{ iss: issuer, aud: issuer, client_id: 'latchkey', jti: randomUUID() },
    ...{ sub: userId, sid: sessionId, tid: tenantId, amr: ['pwd'] },
    ...{ iat, exp: iat + accessTokenSeconds, auth_time: iat },
    ...(scope === '' ? {} : { scope }),
  } as AccessClaims;
}

function signJwt(claims: object, key: KeyObject): string {
  const parts = [{ alg: 'ES256', typ: tokenTypes.access, kid }, claims];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
