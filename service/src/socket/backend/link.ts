import type { BackendToServiceEvents, ServiceToBackendEvents } from '@latchkey/contract';
import type { Namespace, Socket } from 'socket.io';
import type { Backend } from '../../domain/backend/backend.ts';
import type { Presence } from '../../domain/presence/presence.ts';

/** What the namespace keeps with a connected backend. */
export interface LinkData {
  backend: Backend;
  presence: Presence;
}

type NoEvents = Record<string, never>;
export type LinkSocket = Socket<BackendToServiceEvents, ServiceToBackendEvents, NoEvents, LinkData>;
export type LinkNamespace = Namespace<BackendToServiceEvents, ServiceToBackendEvents, NoEvents, LinkData>;
