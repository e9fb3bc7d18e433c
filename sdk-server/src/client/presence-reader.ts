import { backendPushes, Failure } from '@latchkey/contract';
import type { Causes } from '@latchkey/core';
import { type Clock, createTimer } from '@latchkey/core/internal';
import type { ServiceConnection } from './connection.ts';
import type { PresenceCache } from './presence-cache.ts';

const retryMs = 1_000;

/**
 * One page at a time, each asked for when the one before has arrived: a slow connection carries the revocation feed as well. After
 * a failure, a new connection and a gap the list begins anew. A refusal for good is final for this connection: a service of
 * an older version does not have the call.
 */
export function createPresenceReader(deps: {
  connection: ServiceConnection;
  cache: Pick<PresenceCache, 'begin' | 'add' | 'end'>;
  clock: Clock;
  causes: Pick<Causes, 'report'>;
}) {
  const { connection, cache, clock, causes } = deps;
  let attempt = 0;
  let isStarted = false;
  const retry = createTimer(clock, begin);

  function begin(): void {
    retry.cancel();
    if (!connection.isConnected()) return;
    attempt += 1;
    cache.begin();
    ask(attempt, true);
  }

  function ask(mine: number, first: boolean): void {
    connection.request('presence_list', { first }, (read) => {
      if (mine !== attempt) return;
      try {
        const { user_sessions, more } = read();
        cache.add(user_sessions);
        if (more) return ask(mine, false);
        cache.end();
      } catch (error) {
        onFailure(error);
      }
    });
  }

  function onFailure(error: unknown): void {
    const reason = error instanceof Failure ? error.code : String(error);
    const isFinal = error instanceof Failure && !error.retryable;
    causes.report('presence_unavailable', { reason, retries: !isFinal });
    if (!isFinal) retry.reset(retryMs);
  }

  connection.on(backendPushes.presenceGap, begin);
  connection.onConnected(() => {
    retry.cancel();
    attempt += 1;
    isStarted = false;
  });

  return Object.freeze({
    /** Asks for the list, unless this connection has asked for it already. */
    start() {
      if (isStarted) return;
      isStarted = true;
      begin();
    },
    close() {
      attempt += 1;
      retry.cancel();
    },
  });
}
