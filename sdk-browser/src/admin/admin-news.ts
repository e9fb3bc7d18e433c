import {
  type Ack,
  type AdminClientEvents,
  type AdminNews,
  type AdminServerEvents,
  type AdminSubscribed,
  type AdminUnsubscribed,
  adminEvents,
  Failure,
} from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import { fail } from '../fail.ts';
import { tell } from '../platform/subscribable.ts';
import { fullJitterMs } from '../refresh/backoff.ts';
import type { Remove } from '../session.ts';
import type { Core } from '../session-core.ts';
import { acknowledged } from '../socket/acknowledged.ts';
import { toFailure } from '../socket/to-failure.ts';
import type { AdminToken } from './admin-token.ts';

/** Who hears which sessions come and go. What it throws is reported, and harms nothing. */
export interface AdminFollower {
  /** The news begin, for the first time or after a gap: read the lists now, and nothing is missed. */
  begun(): void;
  told(news: AdminNews): void;
  /**
   * There will be none, or no more: `forbidden` (no operator), `reauthentication_required` (signed in too long ago), or
   * what else the service refused for good. Trouble on the way is not told; it is tried again.
   */
  refused(failure: Failure): void;
}

export type AdminSocket = Socket<AdminServerEvents, AdminClientEvents>;

interface Needs extends Pick<Core, 'timers' | 'link' | 'conversation' | 'events'> {
  readonly token: AdminToken;
  readonly random: () => number;
}

const answerTimeoutMs = 10_000;
/** The part of a subscription's life after which the next one is asked for. */
const renewAfter = 0.8;

/** Follows the news on whatever connections the session has, until the returned function is called. */
export function followNews(needs: Needs, follower: AdminFollower): Remove {
  const { timers, link, conversation, events, token, random } = needs;
  const socket = link.socket as unknown as AdminSocket;
  /** The connection that the news come on, or are asked for on. */
  let connection: string | undefined;
  let attempts = 0;
  let isOver = false;
  let cancelTimer = (): void => {};

  const wait = (ms: number, run: () => void): void => {
    cancelTimer();
    cancelTimer = timers.after(ms, run);
  };
  const ask = (access_token: string): Promise<AdminSubscribed> =>
    new Promise((resolve, reject) => {
      const settle = acknowledged<Ack<AdminSubscribed> & { ok: true }>(({ data }) => resolve(data), reject);
      const patient = socket.timeout(answerTimeoutMs) as unknown as AdminSocket;
      const isSent = link.send(() => patient.emit(adminEvents.subscribe, { access_token }, settle as never));
      if (!isSent) reject(fail('unavailable'));
    });
  const refuse = (failure: Failure): void => {
    stop();
    tell((why: Failure) => follower.refused(why), failure);
  };
  const onTrouble = (cause: unknown): void => {
    const failure = cause instanceof Failure ? cause : fail('internal_error', { cause });
    // A token that is refused may have ended on its way; the socket's own trouble is the session's to mend.
    const mayEnd = failure.code === 'unauthenticated';
    if (mayEnd) token.drop();
    if (!mayEnd && !failure.retryable) {
      refuse(failure);
      return;
    }
    attempts += 1;
    wait(Math.max(fullJitterMs(attempts, random), failure.retryAfterMs ?? 0), () => void subscribe());
  };
  /** `isNews`: there was a gap before it. */
  const subscribe = async (isNews = true): Promise<void> => {
    if (isOver || conversation.liveSid === undefined) return;
    const mine = socket.id;
    connection = mine;
    try {
      const { expires_in } = await ask(await token.fresh());
      if (isOver || connection !== mine) return;
      attempts = 0;
      wait(expires_in * 1000 * renewAfter, renew);
      if (isNews) tell(() => follower.begun(), undefined);
    } catch (cause) {
      if (!isOver && connection === mine) onTrouble(cause);
    }
  };
  const renew = (): void => {
    token.drop();
    void subscribe(false);
  };
  const onAuthenticated = (): void => {
    if (socket.id !== connection) void subscribe();
  };
  const onUnsubscribed = (error: AdminUnsubscribed): void => onTrouble(toFailure(error));
  const onNews = (news: AdminNews): void => tell((told: AdminNews) => follower.told(told), news);
  const removeAuthenticated = events.on('authenticated', onAuthenticated);
  socket.on(adminEvents.unsubscribed, onUnsubscribed);
  socket.on(adminEvents.news, onNews);
  const stop = (): void => {
    isOver = true;
    cancelTimer();
    removeAuthenticated();
    socket.off(adminEvents.unsubscribed, onUnsubscribed);
    socket.off(adminEvents.news, onNews);
  };
  void subscribe();
  return stop;
}
