import { readConnectionLimits } from '../../../db/inspection.ts';
import { countNodes } from '../../../domain/presence/presence-store.ts';
import { type Finding, failed, ok, warning } from '../finding.ts';
import type { Subject } from '../subject.ts';

/** Minimum of LATCHKEY_DATABASE_POOL_SIZE. */
const minPoolSize = 2;

/** The server has enough connections for the pools of the nodes, and for one node more, as during a rolling update. */
export async function checkConnections({ config, connect }: Subject): Promise<Finding> {
  const { db } = await connect();
  const { limit, others } = await readConnectionLimits(db);
  const nodes = Math.max(1, await countNodes(db));
  // Beside its pool, a node has one connection that listens.
  const perNode = config.databasePoolSize + 1;
  const free = limit - others;
  const fits = Math.floor(free / (nodes + 1)) - 1;
  const sum = `${count(nodes, 'node')} with ${perNode} connections each, of ${free} that are free for them (limit ${limit}, other programs ${others})`;
  const remedy =
    fits < minPoolSize
      ? 'raise max_connections of PostgreSQL'
      : `set LATCHKEY_DATABASE_POOL_SIZE to ${fits} at most, or raise max_connections of PostgreSQL`;
  if (nodes * perNode > free) return failed(`too few connections: ${sum}`, remedy);
  if ((nodes + 1) * perNode > free)
    return warning(`too few connections for one node more, as during a rolling update: ${sum}`, remedy);
  return ok(sum);
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
