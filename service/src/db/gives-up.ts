import type pg from 'pg';

/** What pg says when `query_timeout` is over; it then leaves the statement on the connection. */
const timedOut = 'Query read timeout';

/**
 * A connection whose answer did not come in time is ended: its next answer may be the late one, and behind a line that
 * died without a word every later statement would wait as long. The pool opens another.
 */
export function givesUp(Client: typeof pg.Client): typeof pg.Client {
  return class extends Client {
    // biome-ignore lint/suspicious/noExplicitAny: pg overloads `query` six times; none of them is changed.
    override query(...args: any[]): any {
      const result: unknown = (super.query as (...given: unknown[]) => unknown).apply(this, args);
      if (result instanceof Promise) result.catch((error: Error) => this.#endIf(error.message === timedOut));
      return result;
    }

    #endIf(isLate: boolean): void {
      if (isLate) this.end().catch(() => {});
    }
  };
}
