import { credentialSchema } from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { RouteCall } from '../route.ts';
import { text } from './schemas.ts';

/** RFC 7009 §2.1. The hint is only a hint: the token says itself what it is. */
export const revokeBody = z.strictObject({
  token: credentialSchema,
  token_type_hint: text(64).optional(),
  client_id: text(256).optional(),
});

export const revokeResponse = z.object({});

/** A token that is unknown, or of a kind that cannot be revoked, is no error (RFC 7009 §2.2). */
export const revoke =
  (flows: Flows) =>
  async ({ body, deadline }: RouteCall<z.output<typeof revokeBody>>) => {
    await flows.revoke(body.token, deadline());
    return {};
  };
