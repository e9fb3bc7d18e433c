import { type Latchkey, type Logger, tenantRoom } from '@latchkey/sdk-server';
import type { Kysely } from 'kysely';
import type { Server } from 'socket.io';
import type { Account } from '../account/account.ts';
import { listHolders } from '../account/account-store.ts';
import type { BankSchema } from '../database/schema.ts';
import { serialized } from './serialized.ts';

/** An account whose holder has a live socket somewhere. */
export type Holder = Pick<Account, 'number' | 'holder'>;

/** Holders that are online in a tenant, on any server. */
export interface Online {
  /** Lists at most 100 holders, by name. */
  list(tenantId: string): Promise<Holder[]>;
  /** Emits `online` to the tenant's sockets of this node, if the list has changed. */
  announce(tenantId: string): void;
}

interface OnlineDeps {
  readonly latchkey: Pick<Latchkey, 'onChanges' | 'getUserSessions'>;
  readonly io: Server;
  readonly db: Kysely<BankSchema>;
  readonly log: Logger;
}

const maxHolders = 100;

/** Emits `online` to the sockets of this node when a user session of any node starts or ends. */
export function createOnline({ latchkey, io, db, log }: OnlineDeps): Online {
  const reads = new Map<string, () => Promise<Holder[]>>();
  const lastSent = new Map<string, string>();

  function readHolders(tenantId: string): Promise<Holder[]> {
    const sessions = latchkey.getUserSessions().filter((session) => session.active && session.tenantId === tenantId);
    return listHolders(db, tenantId, [...new Set(sessions.map(({ userId }) => userId))], maxHolders);
  }

  function list(tenantId: string): Promise<Holder[]> {
    const known = reads.get(tenantId) ?? serialized(() => readHolders(tenantId));
    reads.set(tenantId, known);
    return known();
  }

  async function notifyTenant(tenantId: string): Promise<void> {
    const holders = await list(tenantId);
    const message = JSON.stringify(holders);
    if (lastSent.get(tenantId) === message) return;
    lastSent.set(tenantId, message);
    io.local.to(tenantRoom(tenantId)).emit('online', holders);
  }

  const announce = (tenantId: string): void => {
    notifyTenant(tenantId).catch((error: unknown) =>
      log.warn({ error: String(error) }, 'could not read the online holders'),
    );
  };
  latchkey.onChanges('USER_SESSION', announce);
  return Object.freeze<Online>({ list, announce });
}
