import { type Latchkey, type Log, tenantRoomOf } from '@latchkey/sdk-server';
import type { Kysely } from 'kysely';
import type { Server } from 'socket.io';
import type { Account } from '../account/account.ts';
import { listHolders } from '../account/account-store.ts';
import type { Schema } from '../database/schema.ts';
import { inTurn } from './in-turn.ts';

/** An account whose holder has a live socket somewhere. */
export type Holder = Pick<Account, 'number' | 'holder'>;

/** Who is online in a tenant, on whatever server. */
export interface Online {
  /** By name, a hundred at most. */
  list(tenantId: string): Promise<Holder[]>;
  /** Tells everybody of the tenant here, if it is news. */
  announce(tenantId: string): void;
}

interface OnlineDeps {
  readonly latchkey: Pick<Latchkey, 'onChanges' | 'getUserSessions'>;
  readonly io: Server;
  readonly db: Kysely<Schema>;
  readonly log: Log;
}

const mostHolders = 100;

/** Tells the sockets of this node whenever somebody comes or goes anywhere in the cluster. */
export function createOnline({ latchkey, io, db, log }: OnlineDeps): Online {
  const looks = new Map<string, () => Promise<Holder[]>>();
  const told = new Map<string, string>();

  function look(tenantId: string): Promise<Holder[]> {
    const sessions = latchkey.getUserSessions().filter((session) => session.active && session.tenantId === tenantId);
    return listHolders(db, tenantId, [...new Set(sessions.map(({ userId }) => userId))], mostHolders);
  }

  function list(tenantId: string): Promise<Holder[]> {
    const known = looks.get(tenantId) ?? inTurn(() => look(tenantId));
    looks.set(tenantId, known);
    return known();
  }

  async function tell(tenantId: string): Promise<void> {
    const holders = await list(tenantId);
    const news = JSON.stringify(holders);
    if (told.get(tenantId) === news) return;
    told.set(tenantId, news);
    io.local.to(tenantRoomOf(tenantId)).emit('online', holders);
  }

  const announce = (tenantId: string): void => {
    tell(tenantId).catch((error: unknown) => log.warn({ error: String(error) }, 'who is online could not be read'));
  };
  latchkey.onChanges('USER_SESSION', announce);
  return Object.freeze<Online>({ list, announce });
}
