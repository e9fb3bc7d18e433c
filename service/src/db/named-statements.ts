import type pg from 'pg';

/**
 * Kysely sends unnamed statements, which Postgres parses and plans each time: half the speed of named ones. A statement
 * that begins with `/* name: x *\/` is therefore prepared under that name. The text behind a name never varies.
 */
const marker = /^\/\* name: ([a-z_]+) \*\//;

type Query = (...args: unknown[]) => unknown;

export function withNamedStatements(Client: typeof pg.Client): typeof pg.Client {
  return class extends Client {
    // biome-ignore lint/suspicious/noExplicitAny: pg overloads `query` six times; only the form that Kysely uses is changed.
    override query(...args: any[]): any {
      const [text, values, callback] = args;
      const name = typeof text === 'string' && Array.isArray(values) ? marker.exec(text)?.[1] : undefined;
      const query = super.query as Query;
      return name === undefined ? query.apply(this, args) : query.call(this, { name, text, values }, callback);
    }
  };
}
