import { paths } from '@latchkey/contract';
import * as schemas from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { ProfileChange } from '../../domain/user/user.ts';
import type { Flows } from '../../flow/flows.ts';
import { type HttpRoute, userRoute } from '../route.ts';
import { pageQuery } from './admin/request-schemas.ts';
import { askedAt, profileFields } from './schemas.ts';

interface AccountRouteDeps {
  readonly flows: Flows;
  /** Adds the database's time to an answer. */
  readonly timed: <Answer extends object>(
    answer: Promise<Answer>,
  ) => Promise<Awaited<Answer> & { now: number | undefined }>;
}

const profileBody = z
  .strictObject({ ...profileFields, asked_at: askedAt })
  .refine(({ asked_at: _, ...change }) => Object.keys(change).length > 0, 'has to change something');

function toProfileChange({ name, picture, locale, user_metadata }: z.output<typeof profileBody>): ProfileChange {
  return {
    ...(name === undefined ? {} : { name }),
    ...(picture === undefined ? {} : { picture }),
    ...(locale === undefined ? {} : { locale }),
    ...(user_metadata === undefined ? {} : { userMetadata: user_metadata ?? {} }),
  };
}

/** What a user reads and changes of its own account. */
export function accountRoutes({ flows, timed }: AccountRouteDeps): readonly HttpRoute[] {
  return [
    userRoute('GET', paths.me, {
      operationId: 'getCurrentUser',
      summary: 'Returns the user of the caller',
      response: schemas.currentUserSchema,
      handle: ({ caller }) => flows.getCurrentUser(caller),
    }),
    userRoute('PATCH', paths.me, {
      operationId: 'updateProfile',
      summary: 'Changes name, picture, locale or metadata of the caller',
      errors: ['rate_limited'],
      body: profileBody,
      response: schemas.currentUserSchema,
      handle: ({ caller, body, peer, deadline }) =>
        flows.updateProfile(caller, toProfileChange(body), peer, deadline(body.asked_at)),
    }),
    userRoute('GET', paths.meExport, {
      operationId: 'exportAccount',
      summary: 'Returns what is stored about the caller',
      errors: ['reauthentication_required', 'rate_limited'],
      response: schemas.accountExportSchema,
      handle: ({ caller, peer }) => flows.exportAccount(caller, peer),
    }),
    userRoute('GET', paths.meActivity, {
      operationId: 'listActivity',
      summary: 'Lists the audit of the caller, newest first',
      query: pageQuery,
      response: schemas.accountActivityPageSchema,
      handle: ({ caller, query }) => flows.listActivity(caller, query),
    }),
    userRoute('DELETE', paths.me, {
      operationId: 'deleteAccount',
      summary: 'Deletes the account of the caller and ends its sessions',
      errors: ['reauthentication_required', 'forbidden'],
      response: schemas.endedSessionsSchema,
      handle: ({ caller, peer, deadline }) => timed(flows.deleteAccount(caller, peer, deadline())),
    }),
  ];
}
