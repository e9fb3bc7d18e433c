import { randomUUID } from 'node:crypto';
import { fail } from '@latchkey/contract';
import type { Db } from '../../db/schema.ts';
import { decodeTimeCursor, type RowPage, toPage } from '../pagination.ts';
import type { Invitation, InvitationQuery, NewInvitation, OpenInvitation } from './invitation.ts';
import * as store from './invitation-store.ts';

export type Invitations = ReturnType<typeof createInvitations>;

/**
 * Invitations into a tenant. Each belongs to a one-time token, whose link accepts it.
 *
 * @example
 * const { id } = await createInvitations().create(tx, { tenantId: 'default', email, tokenId, expiresAt, ...rest });
 */
export function createInvitations() {
  return Object.freeze({
    create: (tx: Db, given: NewInvitation) => store.insertInvitation(tx, randomUUID(), given),
    /**
     * Those of a mailbox that can still be ended. Addresses are compared in their canonical spelling: `ann@x.org` and
     * `Ann@x.org` may be two mailboxes, and a domain has one spelling.
     */
    findPendingOfAddress: store.findPendingOfAddress,
    /** Cancel its token first, as `accept` does. False: it was accepted or revoked before. */
    revoke: store.revokeInvitation,
    find: store.findInvitation,
    /** @throws link_invalid it was accepted or revoked, or is an operator's whose inviter is none any more */
    async findOpen(db: Db, tokenId: string): Promise<OpenInvitation> {
      const found = await store.findOpenByToken(db, tokenId);
      if (found === undefined) throw fail('link_invalid');
      return found;
    },
    /** In the transaction that creates the user. Erases address, name and metadata. @throws link_invalid */
    async accept(tx: Db, id: string, userId: string): Promise<void> {
      if (!(await store.acceptInvitation(tx, id, userId))) throw fail('link_invalid');
    },
    /** The newest first. @throws invalid_request the cursor */
    async list(db: Db, { tenantId, ...page }: InvitationQuery): Promise<RowPage<Invitation>> {
      const query = { tenantId, limit: page.limit + 1, before: decodeTimeCursor(page) };
      const { rows, next } = toPage(await store.listInvitations(db, query), page, ({ micros, id }) => [micros, id]);
      return { rows: rows.map(({ micros: _, ...invitation }) => invitation), next };
    },
    /** Of a user who is deleted: those that were not accepted. Without a proof of the address, those that can be accepted stay. */
    deleteOfAddress: store.deleteOfAddress,
    deleteEnded: store.deleteEndedInvitations,
  });
}
