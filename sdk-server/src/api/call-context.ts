import {
  type Encodable,
  type EndReason,
  errorCodeForEnd,
  events,
  fail,
  hasScope,
  type SessionUser,
} from '@latchkey/contract';
import { authenticatedRoom, type SocketSession, tenantRoom } from '@latchkey/core';
import type { Logger } from '@latchkey/core/internal';
import type { Server, Socket } from 'socket.io';
import type { LocalUserSession } from '../session/user-session.ts';

/** What a handler gets as `this` and as its second argument. */
export interface CallContext<Transaction = unknown> {
  /** The call's name. */
  readonly name: string;
  readonly userId: string;
  readonly tenantId: string;
  /** Claims, `id` and `tenant_id`, as the browser sees them. */
  readonly user: SessionUser;
  /** Scopes of the caller's session, separated by spaces; `''`: none. */
  readonly scope: string;
  readonly session: LocalUserSession;
  readonly idempotencyKey: string | undefined;
  /** Set in a call that is `transactional`. */
  readonly transaction: Transaction | undefined;
  /**
   * In a call that is `transactional`, the transaction that runs. In others, one that begins with its `execute`, each time
   * the same.
   *
   * @throws TypeError the router has no transactions, or they cannot be defined one by one
   * @example
   * router.on('transfer', function (params) {
   *   return this.getTransaction().execute((transaction) => transfer(transaction, params));
   * });
   */
  getTransaction(): Transaction;
  /** Aborted when the caller's socket goes. */
  readonly signal: AbortSignal;
  /** Adds the call, the session and the user to what is logged. */
  readonly log: Logger;
  /** To the caller's socket, as JSON. */
  emit<Payload>(event: string, payload?: Payload & Encodable<Payload>): void;
  /** Emits to every authenticated socket of the caller's tenant, on all nodes, except the caller's own. */
  broadcast<Payload>(event: string, payload?: Payload & Encodable<Payload>, options?: BroadcastOptions): void;
  /** Emits to every authenticated socket of the caller's tenant, on all nodes, including the caller's own. */
  broadcastAll<Payload>(event: string, payload?: Payload & Encodable<Payload>, options?: BroadcastOptions): void;
}

/** Options of `broadcast` and `broadcastAll`. */
export interface BroadcastOptions {
  /** To the sockets of every tenant. Default: of the caller's. */
  readonly allTenants?: boolean;
}

interface CallContextDeps<Transaction> {
  readonly io: Server;
  readonly socket: Socket;
  readonly api: string;
  readonly name: string;
  readonly session: LocalUserSession;
  readonly idempotencyKey: string | undefined;
  readonly transaction: Transaction | undefined;
  /** Makes a transaction for a call that is not `transactional`. */
  readonly defineTransaction: (() => Transaction) | undefined;
  readonly signalOf: () => AbortSignal;
  readonly log: Logger;
}

const protocolEvents: ReadonlySet<string> = new Set(Object.values(events));

/** Only the protocol emits its own events. */
function assertAppEvent(event: string): string {
  if (protocolEvents.has(event)) throw new TypeError(`"${event}" is an event of the protocol; choose another name`);
  return event;
}

function createCallLogger(log: Logger, facts: Readonly<Record<string, unknown>>): Logger {
  return Object.freeze({
    warn: (fields: Readonly<Record<string, unknown>>, message: string) => log.warn({ ...fields, ...facts }, message),
    error: (fields: Readonly<Record<string, unknown>>, message: string) => log.error({ ...fields, ...facts }, message),
  });
}

export function createCallContext<Transaction>(deps: CallContextDeps<Transaction>): CallContext<Transaction> {
  const { io, socket, api, name, session, idempotencyKey, transaction, defineTransaction, signalOf, log } = deps;
  const { sid, userId, tenantId, scope } = socket.data as SocketSession;
  const roomOf = ({ allTenants = false }: BroadcastOptions) => (allTenants ? authenticatedRoom : tenantRoom(tenantId));
  let defined = transaction;

  return Object.freeze({
    name,
    userId,
    tenantId,
    user: session.payload,
    scope,
    session,
    idempotencyKey,
    transaction,
    getTransaction() {
      defined ??= defineTransaction?.();
      if (defined === undefined) throw new TypeError(`"${name}" has no transaction; add { transactional: true }`);
      return defined;
    },
    get signal() {
      return signalOf();
    },
    log: createCallLogger(log, { api, call: name, sid, user_id: userId, tenant_id: tenantId }),
    emit: (event: string, payload?: unknown) => void socket.emit(assertAppEvent(event), payload),
    broadcast(event: string, payload?: unknown, options: BroadcastOptions = {}) {
      socket.to(roomOf(options)).emit(assertAppEvent(event), payload);
    },
    broadcastAll(event: string, payload?: unknown, options: BroadcastOptions = {}) {
      io.to(roomOf(options)).emit(assertAppEvent(event), payload);
    },
  });
}

/** @throws insufficient_scope the session of the socket lacks one of the scopes */
export function assertScopes(socket: Socket, scopes: readonly (string | undefined)[]): void {
  const { scope: held } = socket.data as SocketSession;
  const missing = scopes.find((scope) => scope !== undefined && !hasScope(held, scope));
  if (missing !== undefined) throw fail('insufficient_scope', { message: `This call needs the scope ${missing}.` });
}

/**
 * The session of the socket that calls, as long as it is held here.
 *
 * @param endedReason why a session ended, as far as this process knows
 * @throws unauthenticated · session_revoked · session_expired
 */
export function requireSession(
  socket: Socket,
  find: (sid: string) => LocalUserSession | undefined,
  endedReason: (sid: string) => EndReason | undefined,
): LocalUserSession {
  const { sid } = socket.data as Partial<SocketSession>;
  if (sid === undefined) throw fail('unauthenticated');
  const session = find(sid);
  if (session === undefined) throw fail(errorCodeForEnd(endedReason(sid) ?? 'ended_by_user'));
  return session;
}
