import * as schemas from '@latchkey/contract/schemas';
import type { AdminFlows } from '../../../flow/flows.ts';
import { adminRoute, type HttpRoute } from '../../route.ts';
import { sessionsQuery, uuidParams } from './request-schemas.ts';

export function sessionRoutes(flows: AdminFlows, path: string): readonly HttpRoute[] {
  return [
    adminRoute('GET', path, {
      operationId: 'listAllSessions',
      summary: 'Lists live sessions, newest first',
      errors: ['tenant_unknown'],
      query: sessionsQuery,
      response: schemas.adminSessionsSchema,
      handle: ({ actor, query: { tenant: tenantId, user: userId, email: emailPrefix, ...rest } }) =>
        flows.listSessions(actor, { ...rest, tenantId, userId, emailPrefix }),
    }),
    adminRoute('GET', `${path}/:id`, {
      operationId: 'findSession',
      summary: 'Returns a live session',
      errors: ['not_found'],
      params: uuidParams,
      response: schemas.adminSessionSchema,
      handle: ({ actor, params }) => flows.findSession(actor, params.id),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      operationId: 'endAnySession',
      summary: 'Ends a session',
      errors: ['not_found'],
      params: uuidParams,
      response: schemas.endedSessionsSchema,
      handle: ({ actor, params }) => flows.endSession(actor, params.id),
    }),
  ];
}
