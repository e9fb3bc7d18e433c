import { EventEmitter } from 'node:events';
import { type Ack, type ErrorCode, errors } from '@latchkey/contract';
import type { SubscriptionDeps } from '../../src/connection/subscription.ts';
import type { SessionEmitter } from '../../src/session/session-emitter.ts';
import { createFakeTimers } from './fake-timers.ts';

export const settled = () => new Promise((resolve) => setImmediate(resolve));

export function refusal(code: ErrorCode) {
  const retryable = code === 'rate_limited';
  return { ok: false as const, error: { code, message: errors[code].message, retryable } };
}

/** A session whose socket gives the answers of the test. */
export function createSubscriptionStage<Answer>(answers: Ack<Answer>[], usual: Answer) {
  const timers = createFakeTimers();
  const events = new EventEmitter();
  const authenticator: { liveSessionId: string | undefined } = { liveSessionId: 's' };
  /** Payloads that were sent. */
  const asked: unknown[] = [];
  const sent: string[] = [];
  const socket = Object.assign(new EventEmitter(), {
    id: 'one',
    timeout: () => ({
      emit(_event: string, payload: unknown, settle: (error: null, answer: unknown) => void) {
        asked.push(payload);
        settle(null, answers.shift() ?? { ok: true, data: usual });
      },
    }),
  });
  const connection = {
    socket,
    send(emit: (socket: { emit(name: string): void }) => void): boolean {
      emit({ emit: (name) => sent.push(name) });
      return true;
    },
  };
  const on = (name: string, listener: (payload?: unknown) => void) => {
    events.on(name, listener);
    return () => events.off(name, listener);
  };
  const deps = {
    timers,
    connection,
    authenticator,
    events: { on },
    random: () => 0.5,
  } as unknown as SubscriptionDeps & {
    events: SessionEmitter;
  };
  return {
    ...{ deps, timers, socket, authenticator, asked, sent },
    async authenticate(socketId: string) {
      socket.id = socketId;
      events.emit('authenticated');
      await settled();
    },
    happen: (status: string) => events.emit('state', { status }),
    async advance(ms: number) {
      timers.advance(ms);
      await settled();
    },
  };
}
