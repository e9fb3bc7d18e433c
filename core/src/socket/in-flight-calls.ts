import type { Connection } from './connection.ts';
import type { AckCallback } from './send.ts';
import type { SessionEndDelivery } from './session-end-delivery.ts';

export type InFlightCalls = ReturnType<typeof createInFlightCalls>;

/** Calls of a socket that are not answered yet. While there are any, neither `logged_out` nor a drain closes it. */
export function createInFlightCalls(endDelivery: SessionEndDelivery) {
  let count = 0;
  let idle: (connection: Connection) => void = () => {};

  function start(connection: Connection): void {
    connection.inFlight += 1;
    count += 1;
  }

  function finish(connection: Connection): void {
    connection.inFlight -= 1;
    count -= 1;
    if (connection.inFlight > 0) return;
    if (connection.pendingEnd !== undefined && connection.socket.connected) {
      endDelivery.deliver(connection, connection.pendingEnd);
    }
    idle(connection);
  }

  return Object.freeze({
    start,
    finish,
    /** The acknowledgement of a call that is in flight until it is used. */
    track(connection: Connection, ack: AckCallback): AckCallback {
      let isOpen = true;
      start(connection);
      return (...answer) => {
        ack(...answer);
        if (isOpen) finish(connection);
        isOpen = false;
      };
    },
    count: () => count,
    /** Called for each connection whose last call was answered. */
    onIdle(listener: (connection: Connection) => void) {
      idle = listener;
    },
  });
}
