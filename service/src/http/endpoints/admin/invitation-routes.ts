import * as schemas from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { AdminFlows } from '../../../flow/flows.ts';
import { adminRoute, type HttpRoute } from '../../route.ts';
import { displayName, profile, text } from '../schemas.ts';
import { tenantQuery, uuidParams } from './request-schemas.ts';

const invitationBody = z.strictObject({
  tenant_id: text(63),
  email: text(254),
  name: displayName.optional(),
  operator: z.boolean().optional(),
  app_metadata: profile.optional(),
  send: z.boolean().optional(),
});

function toInvitation(body: z.output<typeof invitationBody>) {
  return {
    tenantId: body.tenant_id,
    email: body.email,
    name: body.name ?? null,
    operator: body.operator ?? false,
    appMetadata: body.app_metadata ?? {},
    isMailed: body.send ?? true,
  };
}

export function invitationRoutes(flows: AdminFlows, path: string): readonly HttpRoute[] {
  return [
    adminRoute('GET', path, {
      operationId: 'listInvitations',
      summary: 'Lists invitations, newest first',
      errors: ['tenant_unknown'],
      query: tenantQuery,
      response: schemas.adminInvitationsSchema,
      handle: ({ actor, query: { tenant: tenantId, ...page } }) => flows.listInvitations(actor, { ...page, tenantId }),
    }),
    adminRoute('POST', path, {
      operationId: 'createInvitation',
      summary: 'Invites a user, by mail or by a link',
      errors: ['tenant_unknown', 'tenant_disabled', 'identifier_taken', 'mail_unavailable', 'managed_elsewhere'],
      body: invitationBody,
      response: schemas.adminInvitationResponseSchema,
      status: 201,
      handle: ({ actor, body }) => flows.createInvitation(actor, toInvitation(body)),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      operationId: 'revokeInvitation',
      summary: 'Revokes an invitation',
      errors: ['not_found'],
      params: uuidParams,
      response: z.object({ revoked: z.string() }),
      handle: ({ actor, params }) => flows.revokeInvitation(actor, params.id),
    }),
  ];
}
