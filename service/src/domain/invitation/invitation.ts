import type { PageRequest } from '../pagination.ts';

/** An address that an administrator has invited into a tenant. */
export interface Invitation {
  readonly id: string;
  readonly tenantId: string;
  /** In its canonical spelling. `null` once it was accepted: it is the user's now, like name and metadata. */
  readonly email: string | null;
  readonly name: string | null;
  /** The user becomes an operator. */
  readonly operator: boolean;
  readonly appMetadata: Readonly<Record<string, unknown>>;
  /** The link went to the address, so that accepting it proves the address. */
  readonly isMailed: boolean;
  /** The token of its link; `null` a day after that expired. */
  readonly tokenId: string | null;
  /** The operator; `null`: a backend, the command line, or the user does not exist any more. */
  readonly invitedBy: string | null;
  readonly isByCommandLine: boolean;
  /** The user who was created; `null`: none yet, or the user does not exist any more. */
  readonly acceptedBy: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** An invitation that is about to be stored, with the token of its link. */
export type NewInvitation = Pick<
  Invitation,
  'tenantId' | 'name' | 'operator' | 'appMetadata' | 'isMailed' | 'invitedBy' | 'isByCommandLine' | 'expiresAt'
> & { readonly email: string; readonly tokenId: string };

/** An invitation that can be accepted. */
export type OpenInvitation = Invitation & { readonly email: string };

/** Which invitations a list shows; what is absent, any. */
export interface InvitationQuery extends PageRequest {
  readonly tenantId?: string | undefined;
}
