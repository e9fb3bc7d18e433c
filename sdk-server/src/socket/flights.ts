import type { Connection } from './connection.ts';
import type { Endings } from './endings.ts';

/** Calls of a socket that are not answered yet. While there are any, neither `logged_out` nor a drain closes it. */
export interface Flights {
  start(connection: Connection): void;
  finish(connection: Connection): void;
  count(): number;
  /** Told of each connection whose last call was answered. */
  onIdle(listener: (connection: Connection) => void): void;
}

export function createFlights(endings: Endings): Flights {
  let count = 0;
  let idle: (connection: Connection) => void = () => {};

  return Object.freeze({
    start(connection: Connection) {
      connection.inFlight += 1;
      count += 1;
    },
    finish(connection: Connection) {
      connection.inFlight -= 1;
      count -= 1;
      if (connection.inFlight > 0) return;
      if (connection.pendingEnd !== undefined && connection.socket.connected) {
        endings.deliver(connection, connection.pendingEnd);
      }
      idle(connection);
    },
    count: () => count,
    onIdle(listener: (connection: Connection) => void) {
      idle = listener;
    },
  });
}
