import * as schemas from '@latchkey/contract/schemas';
import type { AdminFlows } from '../../../flow/flows.ts';
import { adminRoute, type HttpRoute } from '../../route.ts';
import {
  emptyBody,
  newUserBody,
  toNewUser,
  toUsersImport,
  toUserUpdate,
  userBody,
  usersImportBody,
  usersQuery,
  uuidParams,
} from './request-schemas.ts';

export function userRoutes(flows: AdminFlows, path: string): readonly HttpRoute[] {
  const one = { params: uuidParams, response: schemas.adminUserSchema };
  return [
    adminRoute('GET', path, {
      operationId: 'listUsers',
      summary: 'Lists users, newest first',
      errors: ['tenant_unknown'],
      query: usersQuery,
      response: schemas.adminUsersSchema,
      handle: ({ actor, query: { tenant: tenantId, email: emailPrefix, ...rest } }) =>
        flows.listUsers(actor, { ...rest, tenantId, emailPrefix }),
    }),
    adminRoute('POST', path, {
      operationId: 'createUser',
      summary: 'Creates a user',
      errors: ['tenant_unknown', 'weak_password', 'identifier_taken'],
      body: newUserBody,
      response: schemas.adminUserSchema,
      status: 201,
      handle: ({ actor, body }) => flows.createUser(actor, toNewUser(body)),
    }),
    adminRoute('POST', `${path}/:id/password/reset`, {
      operationId: 'mailPasswordReset',
      summary: 'Mails a user a link to set a new password',
      errors: [
        'not_found',
        'managed_elsewhere',
        'user_disabled',
        'tenant_disabled',
        'mail_unavailable',
        'rate_limited',
      ],
      params: uuidParams,
      body: emptyBody,
      response: schemas.mailSentResponseSchema,
      status: 202,
      handle: ({ actor, params }) => flows.mailPasswordReset(actor, params.id),
    }),
    adminRoute('POST', `${path}/import`, {
      operationId: 'importUsers',
      summary: 'Stores users of another system',
      errors: ['tenant_unknown'],
      body: usersImportBody,
      list: 'users',
      response: schemas.adminImportResultSchema,
      handle: ({ actor, body }) => flows.importUsers(actor, toUsersImport(body)),
    }),
    adminRoute('GET', `${path}/:id`, {
      operationId: 'findUser',
      summary: 'Returns a user',
      errors: ['not_found'],
      ...one,
      handle: ({ actor, params }) => flows.findUser(actor, params.id),
    }),
    adminRoute('PATCH', `${path}/:id`, {
      operationId: 'updateUser',
      summary: 'Changes a user',
      errors: ['not_found', 'identifier_taken', 'managed_elsewhere'],
      ...one,
      body: userBody,
      handle: ({ actor, params, body }) => flows.updateUser(actor, params.id, toUserUpdate(body)),
    }),
    adminRoute('DELETE', `${path}/:id`, {
      operationId: 'deleteUser',
      summary: 'Deletes a user and what is stored about it',
      errors: ['not_found'],
      params: uuidParams,
      response: schemas.endedSessionsSchema,
      handle: ({ actor, params }) => flows.deleteUser(actor, params.id),
    }),
    adminRoute('DELETE', `${path}/:id/sessions`, {
      operationId: 'endUserSessions',
      summary: 'Ends all sessions of a user',
      errors: ['not_found'],
      params: uuidParams,
      response: schemas.endedSessionsSchema,
      handle: ({ actor, params }) => flows.endUserSessions(actor, params.id),
    }),
    adminRoute('POST', `${path}/:id/claims`, {
      operationId: 'recomputeUserClaims',
      summary: 'Runs the hook `claim` again for the sessions of a user',
      errors: ['not_found', 'busy'],
      params: uuidParams,
      body: emptyBody,
      response: schemas.claimsRecomputedSchema,
      handle: ({ actor, params }) => flows.recomputeUser(actor, params.id),
    }),
  ];
}
