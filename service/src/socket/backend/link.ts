import type { BackendToServiceEvents, ServiceToBackendEvents } from '@latchkey/contract';
import type { Namespace, Socket } from 'socket.io';
import type { Backend } from '../../domain/backend/backend.ts';
import type { CheckedCredential } from '../../domain/backend/backends.ts';
import type { Presence } from '../../domain/presence/presence.ts';

/** What the namespace keeps with a connected backend. */
interface LinkData {
  backend: Backend;
  /** What it connected with, to be checked again while it is connected. */
  credential: CheckedCredential;
  presence: Presence;
}

type NoEvents = Record<string, never>;
export type LinkSocket = Socket<BackendToServiceEvents, ServiceToBackendEvents, NoEvents, LinkData>;
export type LinkNamespace = Namespace<BackendToServiceEvents, ServiceToBackendEvents, NoEvents, LinkData>;
