import { Socket } from 'socket.io';

/** What `socket.data` holds of a signed-in socket; identity comes from the verified credential only. */
export interface SocketSession {
  readonly sid: string;
  readonly userId: string;
  readonly tenantId: string;
  /** Scopes of the newest access token that this socket got for all of its session, separated by spaces. */
  scope: string;
}

/** The Socket.IO room of a session's signed-in sockets. */
export const sessionRoom = (sid: string): string => `session:${sid}`;
/** The Socket.IO room of a user's signed-in sockets: `io.to(userRoom(userId)).emit('balance', 12)`. */
export const userRoom = (userId: string): string => `user:${userId}`;
/** The Socket.IO room of a tenant's signed-in sockets: `io.of('/chat').to(tenantRoom(tenantId)).emit('news', 'hi')`. */
export const tenantRoom = (tenantId: string): string => `tenant:${tenantId}`;
/** Every signed-in socket, whatever its tenant. */
export const authenticatedRoom = 'authenticated';

/** Socket.IO rooms that the application joined before sign-in. */
const chosenRooms = new WeakMap<Socket, Set<string>>();

// One function for all sockets: each has little memory of its own.
function joinLater(this: Socket, rooms: string | string[]): void {
  const chosen = chosenRooms.get(this) ?? new Set();
  for (const room of [rooms].flat()) chosen.add(room);
  chosenRooms.set(this, chosen);
}

function leaveBefore(this: Socket, room: string): void {
  chosenRooms.get(this)?.delete(room);
}

/**
 * Removes a socket from every Socket.IO room, its own included, so that no broadcast reaches it, not even `io.emit`.
 * {@link enterRooms} enters those that the application joins meanwhile.
 */
export function leaveRooms(socket: Socket): void {
  socket.nsp.adapter.delAll(socket.id);
  socket.join = joinLater;
  socket.leave = leaveBefore;
}

/** After the sign-in: enters its own Socket.IO room, those of the identity, and those that the application joined. */
export function enterRooms(socket: Socket, { sid, userId, tenantId }: SocketSession): Promise<void> | void {
  if (socket.join === joinLater) {
    socket.join = Socket.prototype.join;
    socket.leave = Socket.prototype.leave;
  }
  const rooms = [sessionRoom(sid), userRoom(userId), tenantRoom(tenantId), authenticatedRoom];
  const chosen = chosenRooms.get(socket) ?? [];
  chosenRooms.delete(socket);
  return socket.join([socket.id, ...rooms, ...chosen]);
}
