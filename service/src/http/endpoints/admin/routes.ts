import { adminPaths } from '@latchkey/contract';
import * as schemas from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { AdminFlows } from '../../../flow/flows.ts';
import { adminRoute, type HttpRoute } from '../../route.ts';
import { invitationRoutes } from './invitation-routes.ts';
import {
  auditQuery,
  brandBody,
  emptyBody,
  maxBrandBytes,
  nameParams,
  newBackendBody,
  newTenantBody,
  newUserBody,
  pageQuery,
  sessionsQuery,
  tenantBody,
  tenantQuery,
  toNewBackend,
  toNewTenant,
  toNewUser,
  toTenantChange,
  toUsersImport,
  toUserUpdate,
  userBody,
  usersImportBody,
  usersQuery,
  uuidParams,
} from './request-schemas.ts';

const removed = z.object({ removed: z.string() });

/** The operators' part of the table: an admin token, or a backend with the scope `admin`. */
export function adminRoutes(flows: AdminFlows): readonly HttpRoute[] {
  const { overview, keys, audit, mails } = adminPaths;
  return [
    adminRoute('GET', overview, {
      response: schemas.adminOverviewSchema,
      handle: ({ actor }) => flows.getOverview(actor),
    }),
    ...tenantRoutes(flows, adminPaths.tenants),
    ...userRoutes(flows, adminPaths.users),
    ...sessionRoutes(flows, adminPaths.sessions),
    ...backendRoutes(flows, adminPaths.backends),
    ...invitationRoutes(flows, adminPaths.invitations),
    adminRoute('GET', keys, { response: schemas.adminKeysSchema, handle: ({ actor }) => flows.listKeys(actor) }),
    adminRoute('POST', `${keys}/rotate`, {
      body: emptyBody,
      response: z.object({ kid: z.string(), rotated: z.boolean() }),
      handle: ({ actor }) => flows.rotateKeys(actor),
    }),
    adminRoute('GET', audit, {
      query: auditQuery,
      response: schemas.adminAuditSchema,
      handle: ({ actor, query: { tenant: tenantId, user: userId, session: sid, ...rest } }) =>
        flows.listAudit(actor, { ...rest, tenantId, userId, sid }),
    }),
    adminRoute('GET', mails, {
      query: tenantQuery,
      response: schemas.adminMailsSchema,
      handle: ({ actor, query: { tenant: tenantId, ...page } }) => flows.listFailedMails(actor, { ...page, tenantId }),
    }),
  ];
}

function tenantRoutes(flows: AdminFlows, path: string): readonly HttpRoute[] {
  const one = { params: nameParams, response: schemas.adminTenantSchema };
  return [
    adminRoute('GET', path, {
      query: pageQuery,
      response: schemas.adminTenantsSchema,
      handle: ({ actor, query }) => flows.listTenants(actor, query),
    }),
    adminRoute('POST', path, {
      body: newTenantBody,
      response: schemas.adminTenantSchema,
      status: 201,
      handle: ({ actor, body }) => flows.createTenant(actor, toNewTenant(body)),
    }),
    adminRoute('GET', `${path}/:id`, { ...one, handle: ({ actor, params }) => flows.findTenant(actor, params.id) }),
    adminRoute('PATCH', `${path}/:id`, {
      ...one,
      body: tenantBody,
      handle: ({ actor, params, body }) => flows.updateTenant(actor, params.id, toTenantChange(body)),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      params: nameParams,
      response: removed,
      handle: ({ actor, params }) => flows.deleteTenant(actor, params.id),
    }),
    adminRoute('PUT', `${path}/:id/brand`, {
      params: nameParams,
      body: brandBody,
      maxBytes: maxBrandBytes,
      response: schemas.tenantBrandSchema,
      handle: ({ actor, params, body }) => flows.setBrand(actor, params.id, body),
    }),
    adminRoute('DELETE', `${path}/:id/brand`, {
      params: nameParams,
      response: z.object({ removed: z.string() }),
      handle: ({ actor, params }) => flows.removeBrand(actor, params.id),
    }),
    adminRoute('DELETE', `${path}/:id/sessions`, {
      params: nameParams,
      response: schemas.endedSessionsSchema,
      handle: ({ actor, params }) => flows.endTenantSessions(actor, params.id),
    }),
  ];
}

function userRoutes(flows: AdminFlows, path: string): readonly HttpRoute[] {
  const one = { params: uuidParams, response: schemas.adminUserSchema };
  return [
    adminRoute('GET', path, {
      query: usersQuery,
      response: schemas.adminUsersSchema,
      handle: ({ actor, query: { tenant: tenantId, email: emailPrefix, ...rest } }) =>
        flows.listUsers(actor, { ...rest, tenantId, emailPrefix }),
    }),
    adminRoute('POST', path, {
      body: newUserBody,
      response: schemas.adminUserSchema,
      status: 201,
      handle: ({ actor, body }) => flows.createUser(actor, toNewUser(body)),
    }),
    adminRoute('POST', `${path}/:id/password/reset`, {
      params: uuidParams,
      body: emptyBody,
      response: schemas.mailSentResponseSchema,
      status: 202,
      handle: ({ actor, params }) => flows.mailPasswordReset(actor, params.id),
    }),
    adminRoute('POST', `${path}/import`, {
      body: usersImportBody,
      response: schemas.adminImportResultSchema,
      handle: ({ actor, body }) => flows.importUsers(actor, toUsersImport(body)),
    }),
    adminRoute('GET', `${path}/:id`, { ...one, handle: ({ actor, params }) => flows.findUser(actor, params.id) }),
    adminRoute('PATCH', `${path}/:id`, {
      ...one,
      body: userBody,
      handle: ({ actor, params, body }) => flows.updateUser(actor, params.id, toUserUpdate(body)),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      params: uuidParams,
      response: schemas.endedSessionsSchema,
      handle: ({ actor, params }) => flows.deleteUser(actor, params.id),
    }),
    adminRoute('DELETE', `${path}/:id/sessions`, {
      params: uuidParams,
      response: schemas.endedSessionsSchema,
      handle: ({ actor, params }) => flows.endUserSessions(actor, params.id),
    }),
    adminRoute('POST', `${path}/:id/claims`, {
      params: uuidParams,
      body: emptyBody,
      response: schemas.claimsRecomputedSchema,
      handle: ({ actor, params }) => flows.recomputeUser(actor, params.id),
    }),
  ];
}

function sessionRoutes(flows: AdminFlows, path: string): readonly HttpRoute[] {
  return [
    adminRoute('GET', path, {
      query: sessionsQuery,
      response: schemas.adminSessionsSchema,
      handle: ({ actor, query: { tenant: tenantId, user: userId, email: emailPrefix, ...rest } }) =>
        flows.listSessions(actor, { ...rest, tenantId, userId, emailPrefix }),
    }),
    adminRoute('GET', `${path}/:id`, {
      params: uuidParams,
      response: schemas.adminSessionSchema,
      handle: ({ actor, params }) => flows.findSession(actor, params.id),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      params: uuidParams,
      response: schemas.endedSessionsSchema,
      handle: ({ actor, params }) => flows.endSession(actor, params.id),
    }),
  ];
}

function backendRoutes(flows: AdminFlows, path: string): readonly HttpRoute[] {
  return [
    adminRoute('GET', path, {
      query: pageQuery,
      response: schemas.adminBackendsSchema,
      handle: ({ actor, query }) => flows.listBackends(actor, query),
    }),
    adminRoute('POST', path, {
      body: newBackendBody,
      response: schemas.adminBackendSecretSchema,
      status: 201,
      handle: ({ actor, body }) => flows.createBackend(actor, toNewBackend(body)),
    }),
    adminRoute('POST', `${path}/:id/rotate`, {
      params: nameParams,
      body: emptyBody,
      response: schemas.adminBackendSecretSchema,
      handle: ({ actor, params }) => flows.rotateBackend(actor, params.id),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      params: nameParams,
      response: removed,
      handle: ({ actor, params }) => flows.removeBackend(actor, params.id),
    }),
  ];
}
