import { EventEmitter } from 'node:events';
import { assertOptions, type OptionNames, type UserSessionChange } from '@latchkey/contract';
import { createListeners, type Listeners, type Logger, safely } from '@latchkey/core/internal';
import type { Server } from 'socket.io';

/** What happened to a thing: `creation`, `update` or `deletion`. */
export type NotificationType = UserSessionChange;

/** The type of `thing` is declared by the sender and not checked. May return any value, also a promise. */
export type ChangeListener<Thing = unknown> = (
  tenantId: string,
  thing: Thing,
  notificationType: NotificationType,
  // biome-ignore lint/suspicious/noConfusingVoidType: a listener without `return`
) => unknown | void;

/** Notifies all listeners of `name` of a change of `thing`. */
export type Notify = (tenantId: string, name: string, thing: unknown) => void;

/** Sends changes. A transaction keeps them until its outer commit. */
export interface ChangeNotifier {
  notifyCreation: Notify;
  notifyUpdate: Notify;
  notifyDeletion: Notify;
  /** Throws `TypeError` for a reserved name. A transaction checks before it keeps a change. */
  assertName?(name: string): void;
}

/** Changes of the app's own things, on all nodes of the app. */
export interface Changes extends ChangeNotifier {
  /** Listens to one name, from anywhere in the cluster. Returns the function that removes the listener. */
  onChanges<Thing = unknown>(name: string, listener: ChangeListener<Thing>): () => void;
  /** Notifies this node's listeners only, of events that other nodes receive in another way. */
  deliver(tenantId: string, name: string, thing: unknown, notificationType: NotificationType): void;
  /** Sends changes to other nodes and receives theirs through this server's adapter from now on. */
  attach(io: Server): void;
  /** Stops receiving changes of other nodes. */
  close(): void;
}

/** Options of {@link createChanges}. */
export interface ChangesOptions {
  /** Receives the errors of listeners. Default: a process warning. */
  readonly log?: Logger;
  /** Names that are only delivered here, never sent by the app. */
  readonly reserved?: readonly string[];
}

const event = 'latchkey:change';
const names: OptionNames<ChangesOptions> = { log: 'object', reserved: 'object' };

/**
 * `onChanges` and `notify…` for the app's own names. A change reaches this node's listeners at once, and those of the app's
 * other nodes through the Socket.IO adapter, whose encoding the object has to survive. Without a server it stays on this
 * node until {@link Changes.attach}. Changes are not repeated for a disconnected node. The error of a listener is logged.
 *
 * The `notify…` throw `TypeError` for a reserved name.
 *
 * @example
 * const changes = createChanges(io);
 * const remove = changes.onChanges('ACCOUNT', (tenantId, account, notificationType) => show(account));
 * changes.notifyUpdate('acme', 'ACCOUNT', { id: 7, balance: 12 });
 */
export function createChanges(io?: Server, options: ChangesOptions = {}): Changes {
  assertOptions('createChanges', options, names);
  const listeners = new Map<string, Listeners<Parameters<ChangeListener>>>();
  const reserved = new Set(options.reserved);
  let attached: Server | undefined;
  const reportError = (error: unknown, name: string) => logListenerError(options.log, error, name);

  const deliver: Changes['deliver'] = (tenantId, name, thing, notificationType) => {
    listeners.get(name)?.emit(tenantId, thing, notificationType);
  };
  const assertName = (name: string) => {
    if (reserved.has(name)) throw new TypeError(`"${name}" is reserved for the service; choose another name`);
  };
  const notify =
    (notificationType: NotificationType): Notify =>
    (tenantId, name, thing) => {
      assertName(name);
      deliver(tenantId, name, thing, notificationType);
      const cluster = attached;
      if (cluster === undefined || !hasClusterAdapter(cluster)) return;
      safely(
        () => cluster.serverSideEmit(event, tenantId, name, thing, notificationType),
        (error) => reportError(error, name),
      );
    };
  const onRemoteChange: Changes['deliver'] = (tenantId, name, ...change) => {
    if (!reserved.has(name)) deliver(tenantId, name, ...change);
  };
  const close = () => {
    attached?.off(event, onRemoteChange);
    attached = undefined;
  };
  const attach = (server: Server) => {
    if (typeof server.serverSideEmit !== 'function') throw new TypeError('createChanges takes a Server of socket.io');
    close();
    attached = server;
    server.on(event, onRemoteChange);
  };
  if (io) attach(io);

  return Object.freeze<Changes>({
    assertName,
    notifyCreation: notify('creation'),
    notifyUpdate: notify('update'),
    notifyDeletion: notify('deletion'),
    deliver,
    onChanges<Thing>(name: string, listener: ChangeListener<Thing>) {
      if (typeof listener !== 'function') throw new TypeError(`onChanges of "${name}" needs a listener`);
      const named =
        listeners.get(name) ?? createListeners<Parameters<ChangeListener>>((error) => reportError(error, name));
      listeners.set(name, named);
      const remove = named.add(listener as ChangeListener);
      return () => {
        remove();
        if (named.size === 0 && listeners.get(name) === named) listeners.delete(name);
      };
    },
    attach,
    close,
  });
}

/** The adapter of a single process answers `serverSideEmit` with a line on the console; the others override it. */
function hasClusterAdapter(io: Server): boolean {
  const { adapter } = io.of('/');
  let base: typeof adapter = adapter;
  for (let next = base; next !== EventEmitter.prototype && next !== null; next = Object.getPrototypeOf(next))
    base = next;
  return adapter.serverSideEmit !== base.serverSideEmit;
}

function logListenerError(log: Logger | undefined, error: unknown, name: string): void {
  const message = 'sending a change failed';
  if (log) log.error({ name, err: error }, message);
  else process.emitWarning(error instanceof Error ? error : `${message}: ${name}`);
}
