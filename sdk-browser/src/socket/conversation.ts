import type { Authenticated, EndReason, ErrorCode, Failure, WireError } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { Redemption } from '../login/redemption.ts';
import type { DatabaseClock } from '../platform/database-clock.ts';
import type { Timers } from '../platform/timers.ts';
import type { Prover } from '../proof/prover.ts';
import { mayRepeatCode, reactTo } from '../refresh/reaction.ts';
import { createServerErrors } from '../refresh/server-errors.ts';
import type { SessionReason } from '../session-state.ts';
import type { Jar } from '../storage/jar.ts';
import { decodeToken, type HeldToken, isNewer } from '../storage/token.ts';
import { createConfirmation } from './confirmation.ts';
import type { Link } from './link.ts';
import { payloadOf, pickShown, type Shown } from './presentation.ts';
import { createRetries } from './retries.ts';
import { readError } from './to-failure.ts';

/** What the conversation finds out. */
export interface Findings {
  authenticated(answer: Authenticated, held: HeldToken): void;
  /** The jar's session is over; or, without a reason, there is none. */
  ended(sid: string | undefined, reason: SessionReason | undefined): void;
  error(reason: SessionReason): void;
  codeRefused(failure: Failure): void;
  unauthorized(error: WireError): void;
}

/** Shows the jar's token, or the pending code, on the link, and keeps at it until there is an answer that counts. */
export interface Conversation {
  /** Session of the live connection; nothing while it is not authenticated. */
  readonly liveSid: string | undefined;
  /** True while a credential is shown and not answered. */
  readonly isShowing: boolean;
  /** Reads the jar and shows what is there; on a live connection that replaces the token. */
  present(): void;
  /** The connection went. */
  dropped(): void;
}

interface ConversationNeeds {
  readonly link: Link;
  readonly jar: Jar;
  readonly redemption: Redemption;
  readonly timers: Timers;
  readonly databaseClock: DatabaseClock;
  readonly random: () => number;
  readonly findings: Findings;
  /** Origin of the socket server, as proofs name it. */
  readonly origin?: string;
  readonly prover?: Pick<Prover, 'prove' | 'found' | 'forget'> | undefined;
}

const answerTimeoutMs = 10_000;
const mostProofRefusals = 2;
/** A code's `internal_error` after so long is the last one: a hook of the service did not answer in its time. */
const slowErrorMs = 1_000;

/** What else an answer has to hold to be of use. */
function isWhole({ access_token, user }: Authenticated): boolean {
  return typeof access_token === 'string' && typeof user === 'object' && user !== null;
}

export function createConversation(needs: ConversationNeeds): Conversation {
  const { link, jar, redemption, timers, databaseClock, findings, prover, origin = '' } = needs;
  const retries = createRetries({ ...needs, retry: () => present() });
  const confirmation = createConfirmation(needs);
  let liveSid: string | undefined;
  let shown: Shown | undefined;
  let proofRefusals = 0;
  const serverErrors = createServerErrors();
  /** Why the pending code was not redeemed yet. */
  let codeTrouble: Failure | undefined;
  let shownAt = 0;
  let cancelAnswer = (): void => {};

  const expectAnswer = (what: Shown): void => {
    shown = what;
    shownAt = timers.now();
    cancelAnswer = timers.after(answerTimeoutMs, () => link.cut());
  };
  const answered = (): Shown | undefined => {
    const was = shown;
    shown = undefined;
    cancelAnswer();
    return was;
  };
  const show = (what: Shown, proof?: string): void => {
    const payload = payloadOf(needs, what, proof);
    if (link.send((socket) => socket.emit('authenticate', payload))) expectAnswer(what);
  };
  /** A proof takes a moment, in which another tab may change the jar: it is read again in the task that sends. */
  const showPrepared = async (what: Shown): Promise<void> => {
    const { credential } = what;
    expectAnswer(what);
    if (what.kind === 'token') await jar.written?.(what.held);
    const use = { method: 'SOCKET', url: origin, connectionId: link.connectionId, credential };
    const proof = await prover?.prove(use);
    if (shown !== what) return;
    answered();
    if (pickShown(needs)?.credential === credential) show(what, proof);
    else present();
  };
  const present = () => {
    if (!link.isUp || shown !== undefined) return;
    retries.cancel();
    const what = pickShown(needs);
    if (what === undefined) return findings.ended(liveSid, undefined);
    if (what.kind === 'token' && liveSid !== undefined && liveSid !== what.held.sid) return link.bounce();
    if (prover === undefined && jar.written === undefined) show(what);
    else void showPrepared(what);
  };

  const accept = (answer: Authenticated, held: HeldToken, confirm: () => void): void => {
    liveSid = held.sid;
    retries.reset();
    proofRefusals = 0;
    serverErrors.reset();
    codeTrouble = undefined;
    link.settle();
    confirmation.later(held, confirm);
    findings.authenticated(answer, held);
  };
  /**
   * A page that was frozen finds old answers. To the service they are lost by now: it would take another tab, that still
   * shows the replaced token, for a thief, were this one used without a word. Shown again, the token gets the same answer.
   */
  const isTooLate = (): boolean => shown !== undefined && timers.now() - shownAt > answerTimeoutMs;
  const onAuthenticated = (answer: Authenticated, confirm: () => void) => {
    if (isTooLate()) return link.cut();
    if (shown !== undefined) databaseClock.learn(answer?.now, shownAt);
    const was = answered();
    const held = decodeToken(answer?.token);
    if (held === undefined || !isWhole(answer)) return onUnreadable(was);
    const result = jar.store(held, { fresh: was?.kind === 'code' });
    if (result === 'foreign') return follow(held.sid);
    accept(answer, held, confirm);
  };
  const onUnreadable = (was: Shown | undefined) => {
    if (was?.kind === 'code') findings.codeRefused(fail('internal_error'));
    else findings.error('internal_error');
  };
  /** This connection's session is no longer the browser's: another tab signed in as somebody else, or out. */
  const follow = (sid: string) => {
    if (jar.read() === undefined) return findings.ended(sid, jar.endOf(sid));
    link.bounce();
  };

  const end = (held: HeldToken, isNews: boolean, reason: SessionReason) => {
    if (isNews) return link.bounce();
    jar.setAside(held.sid, reason);
    findings.ended(held.sid, reason);
  };
  /** Once more on a fresh connection, with the key as storage has it now; then it is clear what is missing. */
  const onProofRefused = (held: HeldToken, isNews: boolean, code: ErrorCode) => {
    proofRefusals += 1;
    prover?.forget();
    if (proofRefusals < mostProofRefusals) return link.bounce();
    proofRefusals = 0;
    if (prover?.found === 'none') end(held, isNews, 'key_lost');
    else findings.error(code);
  };
  const onTokenRefused = (held: HeldToken, { code, retryable, retry_after_ms }: WireError) => {
    if (serverErrors.isOneTooMany('token', code)) return findings.error(code);
    const now = jar.read();
    const isNews = now !== undefined && isNewer(now, held);
    switch (reactTo(code, retryable)) {
      case 'reread':
        return isNews ? present() : retries.reread(retry_after_ms);
      case 'wait':
        return retries.wait(retry_after_ms);
      case 'end':
        return end(held, isNews, code);
      case 'rejoin':
        return link.bounce();
      case 'prove':
        return onProofRefused(held, isNews, code);
      case 'error':
        return findings.error(code);
    }
  };
  const onCodeRefused = ({ code, message, retryable, retry_after_ms }: WireError) => {
    const refusal = fail(code, { message });
    const isLast =
      serverErrors.isOneTooMany('code', code) || (code === 'internal_error' && timers.now() - shownAt >= slowErrorMs);
    if (mayRepeatCode(code, retryable) && !isLast) {
      codeTrouble = refusal;
      return retries.wait(retry_after_ms);
    }
    // A code that expired while the service was in trouble was refused for that.
    const reason = code === 'code_expired' ? (codeTrouble ?? refusal) : refusal;
    codeTrouble = undefined;
    findings.codeRefused(reason);
  };
  const onUnauthorized = (said: WireError): void => {
    const error = readError(said);
    if (shown !== undefined) databaseClock.learn(error.now, shownAt);
    const was = answered();
    findings.unauthorized(error);
    if (was?.kind === 'code') onCodeRefused(error);
    if (was?.kind === 'token') onTokenRefused(was.held, error);
  };
  const onLoggedOut = (reason: EndReason) => {
    const was = answered();
    const sid = liveSid ?? (was?.kind === 'token' ? was.held.sid : undefined);
    if (sid === undefined) return;
    jar.erase(sid, reason);
    if (jar.read() === undefined && redemption.pending === undefined) return findings.ended(sid, reason);
    link.bounce();
  };
  link.socket.on('authenticated', onAuthenticated);
  link.socket.on('unauthorized', onUnauthorized);
  link.socket.on('logged_out', ({ reason }) => onLoggedOut(reason));

  return Object.freeze({
    get liveSid() {
      return liveSid;
    },
    get isShowing() {
      return shown !== undefined;
    },
    present,
    dropped() {
      liveSid = undefined;
      answered();
      retries.cancel();
      confirmation.cancel();
    },
  });
}
