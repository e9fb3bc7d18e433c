import { type Authenticated, type EndReason, type Failure, fail, type WireError } from '@latchkey/contract';
import type { Redemption } from '../login/redemption.ts';
import type { Timers } from '../platform/timers.ts';
import { fullJitterMs, rereadDelayMs } from '../refresh/backoff.ts';
import { mayRepeatCode, reactTo } from '../refresh/reaction.ts';
import type { SessionReason } from '../session-state.ts';
import type { Jar } from '../storage/jar.ts';
import { decodeToken, type HeldToken, isNewer } from '../storage/token.ts';
import type { LatchkeySocket, Link } from './link.ts';

/** What the conversation finds out. */
export interface Findings {
  authenticated(answer: Authenticated, held: HeldToken): void;
  /** The jar's session is over; or, without a reason, there is none. */
  ended(sid: string | undefined, reason: SessionReason | undefined): void;
  lost(reason: SessionReason): void;
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

export interface ConversationNeeds {
  readonly link: Link;
  readonly jar: Jar;
  readonly redemption: Redemption;
  readonly timers: Timers;
  readonly random: () => number;
  readonly findings: Findings;
}

type Shown = { readonly kind: 'code' } | { readonly kind: 'token'; readonly held: HeldToken };

const answerTimeoutMs = 10_000;
const rereadForMs = 12_000;
const confirmAfterMs = 10_000;

export function createConversation(needs: ConversationNeeds): Conversation {
  const { link, jar, redemption, timers, random, findings } = needs;
  let liveSid: string | undefined;
  let shown: Shown | undefined;
  let rereadSince: number | undefined;
  let waits = 0;
  let cancelAnswer = (): void => {};
  let cancelRetry = (): void => {};
  let cancelConfirm = (): void => {};

  const show = (what: Shown, emit: (socket: LatchkeySocket) => void): void => {
    if (!link.send(emit)) return;
    shown = what;
    cancelAnswer = timers.after(answerTimeoutMs, () => link.cut());
  };
  const answered = (): Shown | undefined => {
    const was = shown;
    shown = undefined;
    cancelAnswer();
    return was;
  };
  const retryIn = (ms: number): void => {
    cancelRetry();
    cancelRetry = timers.after(ms, present);
  };
  const showToken = (held: HeldToken) => {
    if (liveSid !== undefined && liveSid !== held.sid) return link.bounce();
    const { key, also } = jar.keysFor(held);
    const payload = { token: held.token, key, ...(also.length === 0 ? {} : { also }) };
    show({ kind: 'token', held }, (socket) => socket.emit('authenticate', payload));
  };
  const present = () => {
    if (!link.isUp || shown !== undefined) return;
    cancelRetry();
    const code = redemption.pending;
    if (code !== undefined) {
      const payload = { code: code.code, code_verifier: code.verifier, key: code.key };
      return show({ kind: 'code' }, (socket) => socket.emit('authenticate', payload));
    }
    const held = jar.read();
    if (held === undefined) return findings.ended(liveSid, undefined);
    showToken(held);
  };

  const confirmLater = (held: HeldToken, confirm: () => void): void => {
    cancelConfirm();
    cancelConfirm = timers.after(confirmAfterMs, () => {
      const now = jar.read();
      if (now?.sid === held.sid && now.gen >= held.gen && link.isUp) confirm();
    });
  };
  const accept = (answer: Authenticated, held: HeldToken, confirm: () => void): void => {
    liveSid = held.sid;
    rereadSince = undefined;
    waits = 0;
    link.settle();
    confirmLater(held, confirm);
    findings.authenticated(answer, held);
  };
  const onAuthenticated = (answer: Authenticated, confirm: () => void) => {
    const was = answered();
    const held = decodeToken(answer.token);
    if (held === undefined) return findings.lost('internal_error');
    const result = jar.store(held, { fresh: was?.kind === 'code' });
    if (result === 'foreign') return follow(held.sid);
    accept(answer, held, confirm);
  };
  /** This connection's session is no longer the browser's: another tab signed in as somebody else, or out. */
  const follow = (sid: string) => {
    if (jar.read() === undefined) return findings.ended(sid, jar.endOf(sid));
    link.bounce();
  };

  const waitThenRetry = (retryAfterMs = 0): void => {
    const ms = Math.max(retryAfterMs, fullJitterMs(waits, random));
    waits += 1;
    link.holdOff(ms);
    retryIn(ms);
  };
  const reread = (isNews: boolean, retryAfterMs: number | undefined) => {
    if (isNews) return present();
    rereadSince ??= timers.now();
    if (timers.now() - rereadSince > rereadForMs) return waitThenRetry(retryAfterMs);
    retryIn(rereadDelayMs(random));
  };
  const end = (held: HeldToken, isNews: boolean, reason: SessionReason) => {
    if (isNews) return link.bounce();
    jar.setAside(held.sid, reason);
    findings.ended(held.sid, reason);
  };
  const onTokenRefused = (held: HeldToken, { code, retry_after_ms }: WireError) => {
    const now = jar.read();
    const isNews = now !== undefined && isNewer(now, held);
    switch (reactTo(code)) {
      case 'reread':
        return reread(isNews, retry_after_ms);
      case 'wait':
        return waitThenRetry(retry_after_ms);
      case 'end':
        return end(held, isNews, code);
      case 'rejoin':
        return link.bounce();
      case 'lost':
        return findings.lost(code);
    }
  };
  const onCodeRefused = ({ code, message, retry_after_ms }: WireError) => {
    if (mayRepeatCode(code)) return waitThenRetry(retry_after_ms);
    findings.codeRefused(fail(code, { message }));
  };
  const onUnauthorized = (error: WireError): void => {
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
      cancelRetry();
      cancelConfirm();
    },
  });
}
