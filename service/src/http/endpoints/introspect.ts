import { credentialSchema } from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { ClientRouteCall } from '../route.ts';
import { text } from './schemas.ts';

/** RFC 7662 §2.1. The hint is only a hint: the token says itself what it is. */
export const introspectBody = z.strictObject({
  token: credentialSchema,
  token_type_hint: text(64).optional(),
  client_id: text(256).optional(),
  client_secret: text(256).optional(),
});

export const introspect =
  (flows: Flows) =>
  ({ client, body }: ClientRouteCall<z.output<typeof introspectBody>>) =>
    flows.introspect(client, body.token);
