import { adminPaths } from '@latchkey/contract';
import type { AdminFlows } from '../../flow/admin/admin-flows.ts';
import { endedAnswer } from '../logout.ts';
import { admin, type Route } from '../route.ts';
import * as answers from './answers.ts';
import {
  auditQuery,
  byId,
  byName,
  emptyBody,
  newBackendBody,
  newTenantBody,
  sessionsQuery,
  tenantBody,
  toNewBackend,
  toNewTenant,
  toTenantChange,
  userBody,
  usersQuery,
} from './bodies.ts';
import { pageQuery } from './query.ts';

/** The operators' part of the table: an admin token, or a backend with the scope `admin`. */
export function adminRoutes(flows: AdminFlows): readonly Route[] {
  const { overview, keys, audit } = adminPaths;
  return [
    admin('GET', overview, { answer: answers.overview, handle: ({ actor }) => flows.overview(actor) }),
    ...tenantRoutes(flows, adminPaths.tenants),
    ...userRoutes(flows, adminPaths.users),
    ...sessionRoutes(flows, adminPaths.sessions),
    ...backendRoutes(flows, adminPaths.backends),
    admin('GET', keys, { answer: answers.keys, handle: ({ actor }) => flows.listKeys(actor) }),
    admin('POST', `${keys}/rotate`, {
      body: emptyBody,
      answer: answers.rotated,
      handle: ({ actor }) => flows.rotateKeys(actor),
    }),
    admin('GET', audit, {
      query: auditQuery,
      answer: answers.audit,
      handle: ({ actor, query: { tenant: tenantId, user: userId, ...asked } }) =>
        flows.listAudit(actor, { ...asked, tenantId, userId }),
    }),
  ];
}

function tenantRoutes(flows: AdminFlows, path: string): readonly Route[] {
  const one = { params: byName, answer: answers.tenant };
  return [
    admin('GET', path, {
      query: pageQuery,
      answer: answers.tenants,
      handle: ({ actor, query }) => flows.listTenants(actor, query),
    }),
    admin('POST', path, {
      body: newTenantBody,
      answer: answers.tenant,
      status: 201,
      handle: ({ actor, body }) => flows.createTenant(actor, toNewTenant(body)),
    }),
    admin('GET', `${path}/:id`, { ...one, handle: ({ actor, params }) => flows.findTenant(actor, params.id) }),
    admin('PATCH', `${path}/:id`, {
      ...one,
      body: tenantBody,
      handle: ({ actor, params, body }) => flows.changeTenant(actor, params.id, toTenantChange(body)),
    }),
    admin('DELETE', `${path}/:id/sessions`, {
      params: byName,
      answer: endedAnswer,
      handle: ({ actor, params }) => flows.endTenant(actor, params.id),
    }),
  ];
}

function userRoutes(flows: AdminFlows, path: string): readonly Route[] {
  const one = { params: byId, answer: answers.user };
  return [
    admin('GET', path, {
      query: usersQuery,
      answer: answers.users,
      handle: ({ actor, query: { tenant: tenantId, email: emailPrefix, ...asked } }) =>
        flows.listUsers(actor, { ...asked, tenantId, emailPrefix }),
    }),
    admin('GET', `${path}/:id`, { ...one, handle: ({ actor, params }) => flows.findUser(actor, params.id) }),
    admin('PATCH', `${path}/:id`, {
      ...one,
      body: userBody,
      handle: ({ actor, params, body }) => flows.changeUser(actor, params.id, body),
    }),
    admin('DELETE', `${path}/:id/sessions`, {
      params: byId,
      answer: endedAnswer,
      handle: ({ actor, params }) => flows.endUser(actor, params.id),
    }),
    admin('POST', `${path}/:id/claims`, {
      params: byId,
      body: emptyBody,
      answer: answers.recomputed,
      handle: ({ actor, params }) => flows.recomputeUser(actor, params.id),
    }),
  ];
}

function sessionRoutes(flows: AdminFlows, path: string): readonly Route[] {
  return [
    admin('GET', path, {
      query: sessionsQuery,
      answer: answers.sessions,
      handle: ({ actor, query: { tenant: tenantId, user: userId, email: emailPrefix, ...asked } }) =>
        flows.listSessions(actor, { ...asked, tenantId, userId, emailPrefix }),
    }),
    admin('GET', `${path}/:id`, {
      params: byId,
      answer: answers.session,
      handle: ({ actor, params }) => flows.findSession(actor, params.id),
    }),
    admin('DELETE', `${path}/:id`, {
      params: byId,
      answer: endedAnswer,
      handle: ({ actor, params }) => flows.endSession(actor, params.id),
    }),
  ];
}

function backendRoutes(flows: AdminFlows, path: string): readonly Route[] {
  return [
    admin('GET', path, {
      query: pageQuery,
      answer: answers.backends,
      handle: ({ actor, query }) => flows.listBackends(actor, query),
    }),
    admin('POST', path, {
      body: newBackendBody,
      answer: answers.backendSecret,
      status: 201,
      handle: ({ actor, body }) => flows.createBackend(actor, toNewBackend(body)),
    }),
    admin('POST', `${path}/:id/rotate`, {
      params: byName,
      body: emptyBody,
      answer: answers.backendSecret,
      handle: ({ actor, params }) => flows.rotateBackend(actor, params.id),
    }),
    admin('DELETE', `${path}/:id`, {
      params: byName,
      answer: answers.removed,
      handle: ({ actor, params }) => flows.removeBackend(actor, params.id),
    }),
  ];
}
