import { z } from 'zod';
import { type AdminInvitation, type AdminInvitationResponse, invitationStates } from '../invitation.ts';
import { pageOf } from './page.ts';

/** Schema of {@link AdminInvitation}. */
export const adminInvitationSchema = z.object({
  id: z.string(),
  tenant_id: z.string(),
  state: z.enum(invitationStates),
  email: z.string().nullable(),
  name: z.string().nullable(),
  operator: z.boolean(),
  app_metadata: z.record(z.string(), z.unknown()),
  mailed: z.boolean(),
  invited_by: z.string().nullable(),
  accepted_by: z.string().nullable(),
  created_at: z.string(),
  expires_at: z.string(),
}) satisfies z.ZodType<AdminInvitation>;

/** Schema of {@link AdminInvitationResponse}. */
export const adminInvitationResponseSchema = z.object({
  invitation: adminInvitationSchema,
  link: z.string().optional(),
}) satisfies z.ZodType<AdminInvitationResponse>;

/** Schema of a page of `GET /admin/invitations`. */
export const adminInvitationsSchema = pageOf('invitations', adminInvitationSchema);
