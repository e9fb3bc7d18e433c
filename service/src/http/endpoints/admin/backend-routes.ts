import * as schemas from '@latchkey/contract/schemas';
import type { AdminFlows } from '../../../flow/flows.ts';
import { adminRoute, type HttpRoute } from '../../route.ts';
import { emptyBody, nameParams, newBackendBody, pageQuery, removedResponse, toNewBackend } from './request-schemas.ts';

export function backendRoutes(flows: AdminFlows, path: string): readonly HttpRoute[] {
  return [
    adminRoute('GET', path, {
      operationId: 'listBackends',
      summary: 'Lists the backends by id',
      query: pageQuery,
      response: schemas.adminBackendsSchema,
      handle: ({ actor, query }) => flows.listBackends(actor, query),
    }),
    adminRoute('POST', path, {
      operationId: 'createBackend',
      summary: 'Creates a backend and returns its secret once',
      errors: ['identifier_taken', 'tenant_unknown'],
      body: newBackendBody,
      response: schemas.adminBackendSecretSchema,
      status: 201,
      handle: ({ actor, body }) => flows.createBackend(actor, toNewBackend(body)),
    }),
    adminRoute('POST', `${path}/:id/rotate`, {
      operationId: 'rotateBackend',
      summary: 'Makes a new secret for a backend',
      errors: ['not_found'],
      params: nameParams,
      body: emptyBody,
      response: schemas.adminBackendSecretSchema,
      handle: ({ actor, params }) => flows.rotateBackend(actor, params.id),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      operationId: 'removeBackend',
      summary: 'Deletes a backend',
      errors: ['not_found'],
      params: nameParams,
      response: removedResponse,
      handle: ({ actor, params }) => flows.removeBackend(actor, params.id),
    }),
  ];
}
