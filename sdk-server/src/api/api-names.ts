import { events, usersEvents } from '@latchkey/contract';
import type { Server } from 'socket.io';

const reserved: ReadonlySet<string> = new Set([
  ...Object.values(events),
  ...Object.values(usersEvents),
  ...['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener', 'error'],
]);

/** Names of the open api routers of each Socket.IO server. */
const namesOf = new WeakMap<Server, Set<string>>();

/**
 * Registers the name of an api router on its Socket.IO server. Returns the function that releases the name. Two routers
 * of one name would both answer each call, and the first answer wins: the refusal of the router that lacks the call.
 *
 * @throws TypeError when the name is empty, an event of the protocol or of Socket.IO, or the name of another router
 * @example
 * const release = registerApiName(io, 'api');
 */
export function registerApiName(io: Server, name: string): () => void {
  if (typeof name !== 'string') throw new TypeError('an api needs a name, such as "api"');
  if (name === '' || reserved.has(name)) throw new TypeError(`an api cannot be named "${name}"; the event is in use`);
  const names = namesOf.get(io) ?? new Set();
  if (names.has(name)) {
    throw new TypeError(
      `this server has an api router named "${name}" already; add the calls to that router, or choose another name`,
    );
  }
  namesOf.set(io, names.add(name));
  return () => void names.delete(name);
}
