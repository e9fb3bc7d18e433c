import type { BackendToServiceEvents, ServiceToBackendEvents } from '@latchkey/contract';
import type { Namespace, Socket } from 'socket.io';
import type { Backend } from '../../domain/backend/backend.ts';
import type { AcceptedCredential } from '../../domain/backend/backends.ts';
import type { Presence } from '../../domain/presence/presence.ts';

/** What the namespace keeps with a connected backend. */
interface BackendSocketData {
  backend: Backend;
  /** What it connected with, to be checked again while it is connected. */
  credential: AcceptedCredential;
  presence: Presence;
}

type NoEvents = Record<string, never>;
export type BackendSocket = Socket<BackendToServiceEvents, ServiceToBackendEvents, NoEvents, BackendSocketData>;
export type BackendSocketNamespace = Namespace<
  BackendToServiceEvents,
  ServiceToBackendEvents,
  NoEvents,
  BackendSocketData
>;
