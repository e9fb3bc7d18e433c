import { fail } from '@latchkey/contract';
import type { Server } from 'socket.io';
import type { SuspensionDetector } from '../base/suspension.ts';

/** As much of Engine.IO's socket as the guard needs. */
interface EngineSocket {
  readonly readyState: string;
  sendPacket(type: 'ping'): void;
  on(event: 'packet' | 'packetCreate', listener: (packet: { readonly type: string }) => void): unknown;
}

/** Why a ping was sent: by Engine.IO, after a suspension, or for the listener of a round trip. */
type Ping = 'engine' | 'resume' | (() => void);

/** Refuses messages that may have been sent before the last suspension of this process. */
export type PongGuard = ReturnType<typeof createPongGuard>;

/**
 * After a suspension of this process the messages that its connections hold may be as old as the suspension was long, and
 * their senders may have signed in elsewhere since. So each open connection gets a ping at once, and nothing that comes before the
 * pong to that ping is carried out: TCP keeps the order, so what follows the pong was sent after it. Pongs have no
 * numbers, so the pings of Engine.IO are counted as well.
 */
export function createPongGuard(io: Server, suspension: SuspensionDetector) {
  const { engine } = io;
  /** Pings without a pong, by connection, the oldest first. */
  const owed = new WeakMap<object, readonly Ping[]>();

  function ping(socket: EngineSocket, reason: Ping): void {
    if (socket.readyState !== 'open') return;
    socket.sendPacket('ping');
    owed.set(socket, [...(owed.get(socket) ?? []).slice(0, -1), reason]);
  }

  // One function for all connections: each has little memory of its own.
  function onPacketCreate(this: EngineSocket, { type }: { readonly type: string }): void {
    if (type === 'ping') owed.set(this, [...(owed.get(this) ?? []), 'engine']);
  }

  function onPacket(this: EngineSocket, { type }: { readonly type: string }): void {
    suspension.check();
    const pings = owed.get(this);
    if (pings === undefined || type !== 'pong') return;
    const [answered, ...rest] = pings;
    if (rest.length > 0) owed.set(this, rest);
    else owed.delete(this);
    if (typeof answered === 'function') answered();
  }

  function onConnection(socket: EngineSocket): void {
    socket.on('packet', onPacket);
    socket.on('packetCreate', onPacketCreate);
  }
  const openSockets = () => Object.values((engine as unknown as { clients: Record<string, EngineSocket> }).clients);
  const removeResumed = suspension.onResume(() => {
    for (const socket of openSockets()) ping(socket, 'resume');
  });
  engine.on('connection', onConnection);
  return Object.freeze({
    /**
     * What to refuse a message of this connection with; `undefined`: it was sent after the last suspension.
     *
     * @param engine Socket.IO's `socket.conn`
     */
    refusalOf(socket: object) {
      suspension.check();
      if (!owed.get(socket)?.includes('resume')) return undefined;
      return fail('unavailable', { detail: 'sent before the process resumed', retryAfterMs: 500 });
    },
    /**
     * Pings the connection and calls `listener` at the pong: the client has then processed all that was sent before, and
     * this process has received all that the client sent until then. Never called when the connection closes before.
     *
     * @param engine Socket.IO's `socket.conn`
     */
    afterRoundTrip: (socket: object, listener: () => void) => ping(socket as EngineSocket, listener),
    close() {
      removeResumed();
      engine.off('connection', onConnection);
    },
  });
}
