import { EventEmitter } from 'node:events';
import type { UserSessionChange } from '@latchkey/contract';
import type { Server } from 'socket.io';
import type { Log } from '../socket/options.ts';

/** What happened to a thing: `creation`, `update` or `deletion`. */
export type NotificationType = UserSessionChange;

// biome-ignore lint/suspicious/noConfusingVoidType: a listener may return anything, a promise as well
export type ChangeListener = (tenantId: string, thing: unknown, notificationType: NotificationType) => unknown | void;

/** Tells of a change of `thing`, to everybody who listens to `name`. */
export type Notify = (tenantId: string, name: string, thing: unknown) => void;

/** How changes are told. A transaction keeps them until its outermost commit. */
export interface ChangeNotices {
  notifyCreation: Notify;
  notifyUpdate: Notify;
  notifyDeletion: Notify;
}

/** Changes of the app's own things, on all nodes of the app. */
export interface Changes extends ChangeNotices {
  /** Listens to one name, from anywhere in the cluster. Returns the function that removes the listener. */
  onChanges(name: string, listener: ChangeListener): () => void;
  /** To this node's listeners only: news that every node hears of in another way. */
  deliver(tenantId: string, name: string, thing: unknown, notificationType: NotificationType): void;
  /** Stops hearing of other nodes. */
  close(): void;
}

export interface ChangesOptions {
  /** Where a listener's trouble goes. Default: a process warning. */
  readonly log?: Log;
}

const event = 'latchkey:change';

/**
 * `onChanges` and `notify…` for the app's own names. A change is told to this node's listeners at once, and to those of
 * the app's other nodes through the Socket.IO adapter (there the thing is what the adapter's encoding makes of it, plain
 * data for JSON). What is told while a node is out of reach is not repeated. A listener that throws harms nobody.
 *
 * @example
 * const changes = createChanges(io);
 * const remove = changes.onChanges('ACCOUNT', (tenantId, account, notificationType) => show(account));
 * changes.notifyUpdate('acme', 'ACCOUNT', { id: 7, balance: 12 });
 */
export function createChanges(io: Server, options: ChangesOptions = {}): Changes {
  const listeners = new Map<string, Set<ChangeListener>>();
  const trouble = (error: unknown, name: string) => tell(options.log, error, name);

  const deliver: Changes['deliver'] = (tenantId, name, thing, notificationType) => {
    for (const listener of [...(listeners.get(name) ?? [])]) {
      attempt(
        () => listener(tenantId, thing, notificationType),
        (error) => trouble(error, name),
      );
    }
  };
  const notify =
    (notificationType: NotificationType): Notify =>
    (tenantId, name, thing) => {
      deliver(tenantId, name, thing, notificationType);
      if (!reachesOthers(io)) return;
      attempt(
        () => io.serverSideEmit(event, tenantId, name, thing, notificationType),
        (error) => trouble(error, name),
      );
    };
  io.on(event, deliver);

  return Object.freeze({
    notifyCreation: notify('creation'),
    notifyUpdate: notify('update'),
    notifyDeletion: notify('deletion'),
    deliver,
    onChanges(name: string, listener: ChangeListener) {
      const entry: ChangeListener = (...news) => listener(...news);
      listeners.set(name, (listeners.get(name) ?? new Set()).add(entry));
      return () => remove(listeners, name, entry);
    },
    close: () => void io.off(event, deliver),
  });
}

function remove(listeners: Map<string, Set<ChangeListener>>, name: string, entry: ChangeListener): void {
  const same = listeners.get(name);
  same?.delete(entry);
  if (same?.size === 0) listeners.delete(name);
}

/** Runs what is not ours; a throw and a rejection end in `caught`. */
function attempt(act: () => unknown, caught: (error: unknown) => void): void {
  try {
    Promise.resolve(act()).catch(caught);
  } catch (error) {
    caught(error);
  }
}

/** The adapter of a single process answers `serverSideEmit` with a line on the console; the others override it. */
function reachesOthers(io: Server): boolean {
  const { adapter } = io.of('/');
  let base: typeof adapter = adapter;
  for (let next = base; next !== EventEmitter.prototype && next !== null; next = Object.getPrototypeOf(next))
    base = next;
  return adapter.serverSideEmit !== base.serverSideEmit;
}

function tell(log: Log | undefined, error: unknown, name: string): void {
  const message = 'telling of a change failed';
  if (log) log.error({ name, error }, message);
  else process.emitWarning(error instanceof Error ? error : `${message}: ${name}`);
}
