import type { Authenticated, EndReason, ErrorCode, Failure, WireError } from '@latchkey/contract';
import type { DatabaseClockEstimate } from '../platform/database-clock.ts';
import { fail, parseWireError } from '../platform/fail.ts';
import type { Timers } from '../platform/timers.ts';
import type { Prover } from '../proof/prover.ts';
import { decideRefusal, noRefusals, policyFor, type Refusal } from '../refresh/refusal-policy.ts';
import type { CodeExchange } from '../tokens/code-exchange.ts';
import { decodeToken, isNewer, type StoredToken } from '../tokens/token.ts';
import type { TokenEndReason, TokenStore } from '../tokens/token-store.ts';
import {
  chooseCredential,
  isCode,
  type SessionCredential,
  textOf,
  toAuthenticatePayload,
} from './authenticate-payload.ts';
import type { SocketConnection } from './connection.ts';
import { createRetries } from './retries.ts';
import { createTokenAck } from './token-ack.ts';

/** Callbacks of the authenticator. */
interface AuthenticatorHandlers {
  /** The credential was accepted and the token is stored. */
  authenticated(answer: Authenticated, held: StoredToken): void;
  /** The session has ended, or without a reason: no token is stored. */
  ended(sid: string | undefined, reason: TokenEndReason | undefined): void;
  /** The service rejects this client. The token is kept. */
  error(reason: ErrorCode): void;
  /** The pending code was refused permanently. */
  codeRejected(failure: Failure): void;
  /** A credential was refused. */
  unauthorized(error: WireError): void;
}

interface AuthenticatorDeps {
  readonly connection: SocketConnection;
  readonly tokenStore: TokenStore;
  readonly codeExchange: CodeExchange;
  readonly timers: Timers;
  readonly databaseClock: DatabaseClockEstimate;
  readonly random: () => number;
  readonly handlers: AuthenticatorHandlers;
  /** Origin of the socket server, as proofs name it. */
  readonly origin?: string;
  readonly prover?: Pick<Prover, 'prove' | 'keyStatus' | 'reloadKey'> | undefined;
}

const answerTimeoutMs = 10_000;

/** True if an answer has an access token and a user. */
function isComplete({ access_token, user }: Authenticated): boolean {
  return typeof access_token === 'string' && typeof user === 'object' && user !== null;
}

/** Creates the authenticator of a connection and adds its listeners to the socket. */
export function createAuthenticator(deps: AuthenticatorDeps) {
  const { connection, tokenStore, codeExchange, timers, databaseClock, handlers, prover, origin = '' } = deps;
  const retries = createRetries({ ...deps, retry: () => present() });
  const tokenAck = createTokenAck(deps);
  let liveSessionId: string | undefined;
  let presented: SessionCredential | undefined;
  /** Refusals since the last accepted credential or rejected code, the newest first. */
  let refused = noRefusals;
  /** Why the pending code was not redeemed yet. */
  let lastCodeFailure: Failure | undefined;
  let presentedAt = 0;
  let cancelAnswer = (): void => {};

  const awaitAnswer = (what: SessionCredential): void => {
    presented = what;
    presentedAt = timers.now();
    cancelAnswer = timers.after(answerTimeoutMs, () => connection.markLost());
  };
  const takePresented = (): SessionCredential | undefined => {
    const was = presented;
    presented = undefined;
    cancelAnswer();
    return was;
  };
  const sendCredential = (what: SessionCredential, proof?: string): void => {
    const payload = toAuthenticatePayload(deps, what, proof);
    if (connection.send((socket) => socket.emit('authenticate', payload))) awaitAnswer(what);
  };
  /** Makes a proof, then reads the token again in the task that sends, because another tab may have changed it meanwhile. */
  const presentWithProof = async (what: SessionCredential): Promise<void> => {
    awaitAnswer(what);
    if (!isCode(what)) await tokenStore.whenWritten?.(what);
    const credential = textOf(what);
    const use = { method: 'SOCKET', url: origin, connectionId: connection.connectionId, credential };
    const proof = await prover?.prove(use);
    if (presented !== what) return;
    takePresented();
    if (textOf(chooseCredential(deps)) === credential) sendCredential(what, proof);
    else present();
  };
  const present = () => {
    if (!connection.isConnected || presented !== undefined) return;
    retries.cancel();
    const what = chooseCredential(deps);
    if (what === undefined) return handlers.ended(liveSessionId, undefined);
    if (!isCode(what) && liveSessionId !== undefined && liveSessionId !== what.sid) return connection.reconnect();
    if (prover === undefined && tokenStore.whenWritten === undefined) sendCredential(what);
    else void presentWithProof(what);
  };

  const accept = (answer: Authenticated, held: StoredToken, confirm: () => void): void => {
    liveSessionId = held.sid;
    retries.reset();
    refused = noRefusals;
    lastCodeFailure = undefined;
    connection.resetBackoff();
    tokenAck.schedule(held, confirm);
    handlers.authenticated(answer, held);
  };
  /**
   * True if the answer is older than the timeout, as after a freeze of the page. The service counts it as lost. If it were used,
   * the service would take another tab with the replaced token for a thief. The token is presented again and gets the same answer.
   */
  const isTooLate = (): boolean => presented !== undefined && timers.now() - presentedAt > answerTimeoutMs;
  const onAuthenticated = (answer: Authenticated, confirm: () => void) => {
    if (isTooLate()) return connection.markLost();
    if (presented !== undefined) databaseClock.learn(answer?.now, presentedAt);
    const was = takePresented();
    const held = decodeToken(answer?.token);
    if (held === undefined || !isComplete(answer)) return onUnreadable(was);
    const result = tokenStore.store(held, { fresh: isCode(was) });
    if (result === 'foreign') return adoptOtherSession(held.sid);
    accept(answer, held, confirm);
  };
  const onUnreadable = (was: SessionCredential | undefined) => {
    if (isCode(was)) handlers.codeRejected(fail('internal_error'));
    else handlers.error('internal_error');
  };
  /** Adopts the session of another tab, which has signed in as another user or signed out. */
  const adoptOtherSession = (sid: string) => {
    if (tokenStore.read() === undefined) return handlers.ended(sid, tokenStore.getEndReason(sid));
    connection.reconnect();
  };

  const end = ({ sid }: StoredToken, reason: TokenEndReason) => {
    tokenStore.quarantine(sid, reason);
    handlers.ended(sid, reason);
  };
  const decide = (refusal: Refusal) => {
    const step = decideRefusal(refused, refusal);
    refused = [refusal.code, ...refused];
    return step;
  };
  const onTokenRefused = (held: StoredToken, { code, retryable, retry_after_ms }: WireError) => {
    const now = tokenStore.read();
    const hasNewerToken = now !== undefined && isNewer(now, held);
    if (policyFor(code) === 'prove') prover?.reloadKey();
    switch (decide({ isCode: false, code, retryable, hasNewerToken, keyStatus: prover?.keyStatus })) {
      case 'present':
        return present();
      case 'reread':
        return retries.reread(retry_after_ms);
      case 'wait':
        return retries.wait(retry_after_ms);
      case 'end':
        return end(held, code);
      case 'lost':
        return end(held, 'key_lost');
      case 'rejoin':
      case 'prove':
        return connection.reconnect();
      default:
        return handlers.error(code);
    }
  };
  const onCodeRefused = ({ code, message, retryable, retry_after_ms }: WireError) => {
    const refusal = fail(code, { message });
    if (decide({ isCode: true, code, retryable, elapsedMs: timers.now() - presentedAt }) === 'wait') {
      lastCodeFailure = refusal;
      return retries.wait(retry_after_ms);
    }
    // A code that expired during retries is rejected with the cause of the retries.
    const reason = code === 'code_expired' ? (lastCodeFailure ?? refusal) : refusal;
    lastCodeFailure = undefined;
    refused = noRefusals;
    handlers.codeRejected(reason);
  };
  const onUnauthorized = (payload: WireError): void => {
    const error = parseWireError(payload);
    if (presented !== undefined) databaseClock.learn(error.now, presentedAt);
    const was = takePresented();
    handlers.unauthorized(error);
    if (isCode(was)) onCodeRefused(error);
    else if (was !== undefined) onTokenRefused(was, error);
  };
  const onLoggedOut = (reason: EndReason) => {
    const was = takePresented();
    const sid = liveSessionId ?? (isCode(was) ? undefined : was?.sid);
    if (sid === undefined) return;
    tokenStore.erase(sid, reason);
    if (tokenStore.read() === undefined && codeExchange.pending === undefined) return handlers.ended(sid, reason);
    connection.reconnect();
  };
  connection.socket.on('authenticated', onAuthenticated);
  connection.socket.on('unauthorized', onUnauthorized);
  connection.socket.on('logged_out', ({ reason }) => onLoggedOut(reason));

  return Object.freeze({
    /** Session of the live connection. `undefined` while it is not authenticated. */
    get liveSessionId() {
      return liveSessionId;
    },
    /** True while a presented credential has no answer. */
    get isPresenting() {
      return presented !== undefined;
    },
    /** Reads the token store and presents the credential. On a live connection that replaces the token. */
    present,
    /** Resets the state after the connection was lost. */
    disconnected() {
      liveSessionId = undefined;
      takePresented();
      retries.cancel();
      tokenAck.cancel();
    },
  });
}

/** Presents the pending code or the stored token on the connection, and retries until there is a final answer. */
export type Authenticator = ReturnType<typeof createAuthenticator>;
