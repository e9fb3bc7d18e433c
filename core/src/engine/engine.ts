import type { IncomingMessage } from 'node:http';
import type { Server } from 'socket.io';

/** Socket.IO's Engine.IO server. */
export type Engine = Server['engine'];

/** A request of the engine, polling or upgrade, after Engine.IO has parsed its query. */
export interface EngineRequest extends IncomingMessage {
  readonly _query: Readonly<Record<string, string | undefined>>;
}

/** What Engine.IO's types hide of a connection. */
export interface EngineClient {
  readonly transport: Transport;
  readonly request: IncomingMessage;
  /** A WebSocket is being probed. */
  readonly upgrading: boolean;
  /** The connection has moved to a WebSocket. */
  readonly upgraded: boolean;
  on(event: 'upgrading', listener: (this: EngineClient, transport: Transport) => void): unknown;
}

export interface Transport {
  readonly name: string;
  /** The WebSocket, unless the transport is long polling. */
  readonly socket?: { terminate(): void };
}

/** The connection with this engine id. */
export function findClient(engine: Engine, id: string): EngineClient | undefined {
  const { clients } = engine as unknown as { readonly clients: Readonly<Record<string, EngineClient>> };
  return Object.hasOwn(clients, id) ? clients[id] : undefined;
}
