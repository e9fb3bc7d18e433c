import { randomUUID } from 'node:crypto';
import { type AccessClaims, type EndReason, errorCodeForEnd, fail, type LogoutScope } from '@latchkey/contract';
import { createListeners } from '@latchkey/core/internal';

/** What a test may choose for a session. */
export interface TestSessionOptions {
  /** A UUID. Default: a new user. */
  readonly userId?: string;
  /** Default: `default`. */
  readonly tenantId?: string;
  /** Scopes of access tokens, separated by spaces. Default: none. */
  readonly scope?: string;
  /** As the hook `claim` of the service would add them. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A session that a test has opened. */
export interface TestSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly tenantId: string;
  /** For `socket.emit('authenticate', { token })`. It is not replaced, so any number of sockets may present it. */
  readonly token: string;
  /** A new access token, valid for 300 s by the test's clock. `changes` replace its claims; `undefined` removes one. */
  accessToken(changes?: Partial<AccessClaims>): string;
}

/** A session of a test, as the authority finds it. */
export interface OpenSession extends Required<TestSessionOptions> {
  readonly sessionId: string;
  readonly token: string;
}

export type TestSessions = ReturnType<typeof createTestSessions>;

/** The sessions of a test, open and ended. */
export function createTestSessions() {
  const sessions = new Map<string, OpenSession>();
  const ended = new Map<string, EndReason>();
  const listeners = createListeners<[sessionId: string, reason: EndReason]>();

  /** @throws session_revoked, session_expired the session has ended · token_invalid there is no such session */
  function get(sessionId: string): OpenSession {
    const reason = ended.get(sessionId);
    if (reason !== undefined) throw fail(errorCodeForEnd(reason));
    const session = sessions.get(sessionId);
    if (session === undefined) throw fail('token_invalid');
    return session;
  }

  function end(sessionId: string, reason: EndReason): void {
    if (!sessions.has(sessionId) || ended.has(sessionId)) return;
    ended.set(sessionId, reason);
    listeners.emit(sessionId, reason);
  }

  return Object.freeze({
    open({ userId = randomUUID(), tenantId = 'default', scope = '', claims = {} }: TestSessionOptions) {
      const sessionId = randomUUID();
      const session = { sessionId, userId, tenantId, scope, claims, token: `test-${sessionId}` };
      sessions.set(sessionId, session);
      return session;
    },
    get,
    /** @throws token_invalid no session has this token, and as `get` */
    findByToken: (token: string) => get(token.replace(/^test-/, '')),
    end,
    /** Ends the sessions of a logout. Returns their number. */
    logOut(sessionId: string, scope: LogoutScope) {
      const { userId } = get(sessionId);
      const own = [...sessions.values()].filter((one) => one.userId === userId && !ended.has(one.sessionId));
      const isEnded = (id: string) => scope === 'all' || (id === sessionId) === (scope === 'session');
      const ending = own.map((one) => one.sessionId).filter(isEnded);
      for (const id of ending) end(id, 'logout');
      return ending.length;
    },
    endedReason: (sessionId: string) => ended.get(sessionId),
    onEnded: listeners.add,
  });
}
