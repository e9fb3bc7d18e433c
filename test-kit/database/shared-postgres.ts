import { type Postgres, startPostgres } from './postgres.ts';

/**
 * The one Postgres of a test run, started at the first request, ended with the test process. It keeps no test
 * run alive. Tests that stop, restart or pause a server start their own.
 *
 * @example
 * const url = await (await sharedPostgres()).createDatabase();
 */
export const sharedPostgres = lazy(startPostgres);

function lazy(start: () => Promise<Postgres>): () => Promise<Postgres> {
  let started: Promise<Postgres> | undefined;
  return () => {
    started ??= start();
    return started;
  };
}
