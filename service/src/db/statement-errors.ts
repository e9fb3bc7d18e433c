import type pg from 'pg';

// biome-ignore lint/suspicious/noExplicitAny: what TypeScript wants of a class that a mixin extends.
type ClientClass = new (...args: any[]) => pg.Client;

/** Calls `onError` with the error of each statement that fails, and the client that it failed on. */
export function reportsErrors<Class extends ClientClass>(
  Client: Class,
  onError: (error: Error, client: InstanceType<Class>) => void,
): Class {
  return class extends Client {
    // biome-ignore lint/suspicious/noExplicitAny: pg overloads `query` six times; none of them is changed.
    override query(...args: any[]): any {
      const result: unknown = (super.query as (...given: unknown[]) => unknown).apply(this, args);
      if (result instanceof Promise) result.catch((error: Error) => onError(error, this as InstanceType<Class>));
      return result;
    }
  };
}
