import type { LoginBody } from './http.ts';

/** What became of an invitation: it can be accepted only while it is `open`. */
export const invitationStates = ['open', 'accepted', 'revoked', 'expired'] as const;

/** An invitation at `/admin/invitations`, without its link. Times are ISO 8601. */
export interface AdminInvitation {
  id: string;
  tenant_id: string;
  state: (typeof invitationStates)[number];
  /** `null` once it was accepted: address, name and metadata are the user's then. */
  email: string | null;
  name: string | null;
  /** The user becomes an operator. */
  operator: boolean;
  /** What the user gets as `app_metadata`, such as roles. */
  app_metadata: Record<string, unknown>;
  /** The link was sent by mail, so that accepting it proves the address. */
  mailed: boolean;
  /** The operator's user; `null`: a backend, or the user does not exist any more. */
  invited_by: string | null;
  /** The user who was created; `null`: none yet, or the user does not exist any more. */
  accepted_by: string | null;
  created_at: string;
  expires_at: string;
}

/** `POST /admin/invitations`. */
export interface AdminInvitationBody {
  tenant_id: string;
  email: string;
  /** Shown in the account until the user changes it. Not in the mail. */
  name?: string | undefined;
  /** The user becomes an operator. Of operators only. Default: false. */
  operator?: boolean | undefined;
  app_metadata?: Record<string, unknown> | undefined;
  /** False: no mail is sent, and the answer has the link. Default: true. */
  send?: boolean | undefined;
}

/** Answer to `POST /admin/invitations`. */
export interface AdminInvitationResponse {
  invitation: AdminInvitation;
  /** Only where no mail was sent. It accepts the invitation, and is shown once. */
  link?: string | undefined;
}

/** `POST /invitations/accept`: the user is created and signed in. */
export interface InvitationAcceptBody extends Omit<LoginBody, 'email' | 'tenant'> {
  /** Of the link. */
  secret: string;
  /** Default: the name in the invitation. */
  name?: string | undefined;
}
