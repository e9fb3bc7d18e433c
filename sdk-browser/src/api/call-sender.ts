import type { Ack } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import type { SocketConnection } from '../connection/connection.ts';
import { checkMessageSize } from '../connection/message-size.ts';
import type { Timers } from '../platform/timers.ts';
import type { PendingCall } from './pending-call.ts';

/** The default of a server, which refuses further concurrent calls of a socket. */
const maxConcurrentCalls = 32;
/** How long after the deadline the socket drops the acknowledgement. The deadline rejects the call first. */
const ackGraceMs = 1_000;

type Acknowledged = (error: Error | null, answer?: Ack<unknown>) => void;

/** Creates a sender for one connection. */
export function createCallSender({
  connection,
  timers,
}: {
  connection: Pick<SocketConnection, 'send'>;
  timers: Timers;
}) {
  let inFlight = 0;

  const emit = (call: PendingCall, acknowledged: Acknowledged): boolean =>
    connection.send((socket) => {
      const { api, name, params, key, deadline } = call;
      const args = key === undefined ? [name, params] : [name, params, { idempotency_key: key }];
      call.bytes = checkMessageSize(socket, [api, ...args]);
      const withTimeout = (socket as unknown as Socket).timeout(deadline - timers.now() + ackGraceMs);
      withTimeout.emit(api, ...args, acknowledged);
    });
  return Object.freeze({
    /** True while no further call may be sent. */
    get isFull() {
      return inFlight >= maxConcurrentCalls;
    },
    /**
     * Emits the call. Returns true if the connection took it. `answered` is then called once: with the acknowledgement, or with
     * `undefined` when the connection was lost before. Throws `payload_too_large` for a message above the server's limit, and
     * errors of the encoder.
     */
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
          // `isSent` is still false when the acknowledgement fails during `emit`, on a dead connection.
          if (leave() && isSent) answered(error === null ? answer : undefined);
        });
      } finally {
        if (!isSent) leave();
      }
      return isSent;
    },
  });
}
