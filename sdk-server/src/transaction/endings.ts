import type { Log } from '../log.ts';

export type EndingListener = () => unknown;

/** What is to be called at a transaction's end, in the order in which it was asked for. */
interface Endings {
  onCommit(listener: EndingListener): void;
  onRollback(listener: EndingListener): void;
  /** An inner transaction is through: its end is decided by the outer one. */
  handOver(outer: Endings): void;
  /** Calls and awaits each; one that fails is told to the log and changes nothing, for the end is decided. */
  settle(end: 'commit' | 'rollback', log: Log | undefined): Promise<void>;
}

export function createEndings(): Endings {
  const listeners = { commit: [] as EndingListener[], rollback: [] as EndingListener[] };
  return Object.freeze({
    onCommit: (listener: EndingListener) => void listeners.commit.push(listener),
    onRollback: (listener: EndingListener) => void listeners.rollback.push(listener),
    handOver(outer: Endings) {
      for (const listener of listeners.commit.splice(0)) outer.onCommit(listener);
      for (const listener of listeners.rollback.splice(0)) outer.onRollback(listener);
    },
    async settle(end: 'commit' | 'rollback', log: Log | undefined) {
      for (const listener of listeners[end].splice(0)) {
        try {
          await listener();
        } catch (error) {
          logFailure(log, error, `a listener of a transaction's ${end} failed`);
        }
      }
    },
  });
}

/** Logs what changes nothing any more. Without a log it is a process warning. */
export function logFailure(log: Log | undefined, error: unknown, message: string): void {
  if (log) log.error({ error }, message);
  else process.emitWarning(error instanceof Error ? error : message);
}
