import { adminPaths } from '@latchkey/contract';
import * as schemas from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { AdminFlows } from '../../../flow/flows.ts';
import { adminRoute, type HttpRoute } from '../../route.ts';
import { backendRoutes } from './backend-routes.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { auditQuery, emptyBody, tenantQuery } from './request-schemas.ts';
import { sessionRoutes } from './session-routes.ts';
import { tenantRoutes } from './tenant-routes.ts';
import { userRoutes } from './user-routes.ts';

/** The operators' part of the table: an admin token, or a backend with the scope `admin`. */
export function adminRoutes(flows: AdminFlows): readonly HttpRoute[] {
  const { overview, keys, audit, mails } = adminPaths;
  return [
    adminRoute('GET', overview, {
      operationId: 'getOverview',
      summary: 'Returns totals and the last hour',
      response: schemas.adminOverviewSchema,
      handle: ({ actor }) => flows.getOverview(actor),
    }),
    ...tenantRoutes(flows, adminPaths.tenants),
    ...userRoutes(flows, adminPaths.users),
    ...sessionRoutes(flows, adminPaths.sessions),
    ...backendRoutes(flows, adminPaths.backends),
    ...invitationRoutes(flows, adminPaths.invitations),
    adminRoute('GET', keys, {
      operationId: 'listKeys',
      summary: 'Lists the signing keys',
      response: schemas.adminKeysSchema,
      handle: ({ actor }) => flows.listKeys(actor),
    }),
    adminRoute('POST', `${keys}/rotate`, {
      operationId: 'rotateKeys',
      summary: 'Makes the next signing key current',
      body: emptyBody,
      response: z.object({ kid: z.string(), rotated: z.boolean() }),
      handle: ({ actor }) => flows.rotateKeys(actor),
    }),
    adminRoute('GET', audit, {
      operationId: 'listAudit',
      summary: 'Lists the audit, newest first',
      errors: ['tenant_unknown'],
      query: auditQuery,
      response: schemas.adminAuditSchema,
      handle: ({ actor, query: { tenant: tenantId, user: userId, session: sid, ...rest } }) =>
        flows.listAudit(actor, { ...rest, tenantId, userId, sid }),
    }),
    adminRoute('GET', mails, {
      operationId: 'listFailedMails',
      summary: 'Lists mails that could not be sent, newest first',
      errors: ['tenant_unknown'],
      query: tenantQuery,
      response: schemas.adminMailsSchema,
      handle: ({ actor, query: { tenant: tenantId, ...page } }) => flows.listFailedMails(actor, { ...page, tenantId }),
    }),
  ];
}
