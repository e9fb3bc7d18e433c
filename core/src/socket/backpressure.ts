import { type EngineConnection, isBacklogged, isLarge, sizeOf, terminateConnection } from './limits.ts';

type Packet = { readonly data?: unknown };

/** Watches what waits to be read by connections. */
export type BackpressureGuard = ReturnType<typeof createBackpressureGuard>;

/**
 * Closes connections with more than `limitBytes` of unread data, in addition to the largest message in transit: one message
 * may be larger than the limit, and a slow client would otherwise request it again and never receive it.
 *
 * @param onCut called for each connection before it is closed
 * @example
 * const backlog = createBackpressureGuard(1_048_576, () => log.warn({}, 'a reader does not read'));
 * io.on('connection', ({ conn }) => backlog.guard(conn));
 */
export function createBackpressureGuard(limitBytes: number, onCut: (engine: EngineConnection) => void = () => {}) {
  const largest = new WeakMap<EngineConnection, number>();

  // One function for all connections: each has little memory of its own.
  function onPacketCreate(this: EngineConnection, packet: Packet): void {
    if (isEmpty(this)) largest.delete(this);
    const allowed = largest.get(this) ?? 0;
    if (isBacklogged(this, packet, limitBytes + allowed)) {
      onCut(this);
      terminateConnection(this);
    } else if (isLarge(packet.data) && sizeOf(packet.data) > allowed) largest.set(this, sizeOf(packet.data));
  }

  return Object.freeze({
    /** @param engine Socket.IO's `socket.conn`; once for each connection */
    guard: (engine: { on(event: 'packetCreate', listener: (packet: object) => void): unknown }) =>
      void engine.on('packetCreate', onPacketCreate as (packet: object) => void),
  });
}

function isEmpty({ writeBuffer, transport }: EngineConnection): boolean {
  return writeBuffer.length === 0 && (transport.socket?.bufferedAmount ?? 0) === 0;
}
