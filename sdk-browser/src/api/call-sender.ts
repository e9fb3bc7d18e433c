import type { Ack } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import type { Timers } from '../platform/timers.ts';
import type { SocketConnection } from '../socket/connection.ts';
import { checkMessageSize } from '../socket/message-size.ts';
import type { PendingCall } from './pending-call.ts';

/** Calls on the wire, no more at once than a server takes. */
interface CallSender {
  readonly isFull: boolean;
  /**
   * Emits the call and tells whether the connection took it. Then `answered` runs once: with the acknowledgement, or
   * with nothing when the connection went before it. Throws `payload_too_large` for what the server would not take, and
   * what the encoder throws.
   */
  send(call: PendingCall, answered: (answer: Ack<unknown> | undefined) => void): boolean;
}

/** A server takes 32 calls of a socket at once unless its app says otherwise; more would be refused. */
const maxConcurrentCalls = 32;
/** After the deadline, which speaks first; then the socket forgets the acknowledgement. */
const ackGraceMs = 1_000;

type Acknowledged = (error: Error | null, answer?: Ack<unknown>) => void;

export function createCallSender({
  connection,
  timers,
}: {
  connection: Pick<SocketConnection, 'send'>;
  timers: Timers;
}): CallSender {
  let inFlight = 0;

  const emit = (call: PendingCall, acknowledged: Acknowledged): boolean =>
    connection.send((socket) => {
      const { api, name, params, key, deadline } = call;
      const args = key === undefined ? [name, params] : [name, params, { idempotency_key: key }];
      call.bytes = checkMessageSize(socket, [api, ...args]);
      const patient = (socket as unknown as Socket).timeout(deadline - timers.now() + ackGraceMs);
      patient.emit(api, ...args, acknowledged);
    });
  return Object.freeze({
    get isFull() {
      return inFlight >= maxConcurrentCalls;
    },
    send(call: PendingCall, answered: (answer: Ack<unknown> | undefined) => void) {
      let isOver = false;
      const leave = (): boolean => {
        if (isOver) return false;
        isOver = true;
        inFlight -= 1;
        return true;
      };
      inFlight += 1;
      let isSent = false;
      try {
        isSent = emit(call, (error, answer) => {
          // Before `emit` is back it is told that the connection, dead already, has not taken it.
          if (leave() && isSent) answered(error === null ? answer : undefined);
        });
      } finally {
        if (!isSent) leave();
      }
      return isSent;
    },
  });
}
