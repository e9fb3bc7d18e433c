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
      query: tenantQuery,
      response: schemas.adminInvitationsSchema,
      handle: ({ actor, query: { tenant: tenantId, ...page } }) => flows.listInvitations(actor, { ...page, tenantId }),
    }),
    adminRoute('POST', path, {
      body: invitationBody,
      response: schemas.adminInvitationResponseSchema,
      status: 201,
      handle: ({ actor, body }) => flows.createInvitation(actor, toInvitation(body)),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      params: uuidParams,
      response: z.object({ revoked: z.string() }),
      handle: ({ actor, params }) => flows.revokeInvitation(actor, params.id),
    }),
  ];
}
