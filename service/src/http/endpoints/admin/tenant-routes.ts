import * as schemas from '@latchkey/contract/schemas';
import type { AdminFlows } from '../../../flow/flows.ts';
import { adminRoute, type HttpRoute } from '../../route.ts';
import {
  brandBody,
  maxBrandBytes,
  nameParams,
  newTenantBody,
  pageQuery,
  removedResponse,
  tenantBody,
  toNewTenant,
  toTenantChange,
} from './request-schemas.ts';

export function tenantRoutes(flows: AdminFlows, path: string): readonly HttpRoute[] {
  const one = { params: nameParams, response: schemas.adminTenantSchema };
  return [
    adminRoute('GET', path, {
      operationId: 'listTenants',
      summary: 'Lists the tenants by id',
      query: pageQuery,
      response: schemas.adminTenantsSchema,
      handle: ({ actor, query }) => flows.listTenants(actor, query),
    }),
    adminRoute('POST', path, {
      operationId: 'createTenant',
      summary: 'Creates a tenant',
      errors: ['identifier_taken', 'mail_unavailable'],
      body: newTenantBody,
      response: schemas.adminTenantSchema,
      status: 201,
      handle: ({ actor, body }) => flows.createTenant(actor, toNewTenant(body)),
    }),
    adminRoute('GET', `${path}/:id`, {
      operationId: 'findTenant',
      summary: 'Returns a tenant',
      errors: ['tenant_unknown'],
      ...one,
      handle: ({ actor, params }) => flows.findTenant(actor, params.id),
    }),
    adminRoute('PATCH', `${path}/:id`, {
      operationId: 'updateTenant',
      summary: 'Changes limits and policies of a tenant, or disables it',
      errors: ['tenant_unknown', 'mail_unavailable'],
      ...one,
      body: tenantBody,
      handle: ({ actor, params, body }) => flows.updateTenant(actor, params.id, toTenantChange(body)),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      operationId: 'deleteTenant',
      summary: 'Deletes a disabled tenant without users and backends',
      errors: ['tenant_unknown'],
      params: nameParams,
      response: removedResponse,
      handle: ({ actor, params }) => flows.deleteTenant(actor, params.id),
    }),
    adminRoute('PUT', `${path}/:id/brand`, {
      operationId: 'setBrand',
      summary: 'Sets how the pages and mails of a tenant look',
      errors: ['tenant_unknown'],
      params: nameParams,
      body: brandBody,
      maxBytes: maxBrandBytes,
      response: schemas.tenantBrandSchema,
      handle: ({ actor, params, body }) => flows.setBrand(actor, params.id, body),
    }),
    adminRoute('DELETE', `${path}/:id/brand`, {
      operationId: 'removeBrand',
      summary: 'Removes the brand of a tenant',
      errors: ['tenant_unknown'],
      params: nameParams,
      response: removedResponse,
      handle: ({ actor, params }) => flows.removeBrand(actor, params.id),
    }),
    adminRoute('DELETE', `${path}/:id/sessions`, {
      operationId: 'endTenantSessions',
      summary: 'Ends all sessions of a tenant',
      errors: ['tenant_unknown'],
      params: nameParams,
      response: schemas.endedSessionsSchema,
      handle: ({ actor, params }) => flows.endTenantSessions(actor, params.id),
    }),
  ];
}
