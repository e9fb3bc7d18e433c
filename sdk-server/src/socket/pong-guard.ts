import { type Failure, fail } from '@latchkey/contract';
import type { Server } from 'socket.io';
import type { SuspensionWatch } from '../suspension.ts';

/** As much of Engine.IO's socket as the guard needs. */
interface EngineSocket {
  readonly readyState: string;
  /** Engine.IO waits for the answer to a ping of its own. */
  readonly pingTimeoutTimer: unknown;
  sendPacket(type: 'ping'): void;
  on(event: 'packet', listener: (packet: { readonly type: string }) => void): unknown;
}

/** Knows of which connections it is unknown how old their messages are. */
export interface PongGuard {
  /**
   * What to refuse a message of this connection with; `undefined`: it was sent after the last suspension.
   *
   * @param engine Socket.IO's `socket.conn`
   */
  refusalOf(engine: object): Failure | undefined;
  close(): void;
}

/**
 * After a suspension of this process the messages that its connections hold may be as old as the suspension was long, and
 * their senders may have gone on elsewhere. So each open connection gets a ping at once, and nothing that comes before the
 * pong to that ping is carried out: TCP keeps the order, so what follows the pong was sent after it. Pongs have no
 * numbers; they are counted, together with the one that Engine.IO may be waiting for.
 */
export function createPongGuard(io: Server, suspension: SuspensionWatch): PongGuard {
  const { engine } = io;
  const owed = new WeakMap<object, number>();

  function ping(socket: EngineSocket): void {
    if (socket.readyState !== 'open') return;
    const outstanding = owed.get(socket) ?? (socket.pingTimeoutTimer === null ? 0 : 1);
    owed.set(socket, outstanding + 1);
    socket.sendPacket('ping');
  }

  // One function for all connections: each has little memory of its own.
  function onPacket(this: EngineSocket, { type }: { readonly type: string }): void {
    suspension.look();
    const pongs = owed.get(this);
    if (pongs === undefined || type !== 'pong') return;
    if (pongs > 1) owed.set(this, pongs - 1);
    else owed.delete(this);
  }

  const onConnection = (socket: EngineSocket) => void socket.on('packet', onPacket);
  const openSockets = () => Object.values((engine as unknown as { clients: Record<string, EngineSocket> }).clients);
  const removeResumed = suspension.onResume(() => openSockets().forEach(ping));
  engine.on('connection', onConnection);
  return Object.freeze<PongGuard>({
    refusalOf(socket) {
      suspension.look();
      if (!owed.has(socket)) return undefined;
      return fail('unavailable', { detail: 'sent before the process resumed', retryAfterMs: 500 });
    },
    close() {
      removeResumed();
      engine.off('connection', onConnection);
    },
  });
}
