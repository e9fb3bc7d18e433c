import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { ClientRouteCall } from '../route.ts';
import { credential, text } from './schemas.ts';

/** RFC 7662 §2.1. The hint is only a hint: the token says itself what it is. */
export const introspectBody = z.strictObject({
  token: credential,
  token_type_hint: text(64).optional(),
  client_id: text(256).optional(),
  client_secret: text(256).optional(),
});

/** RFC 7662 §2.2: beside `active` the claims of the token, also those of the operator's `claim` hook. */
export const introspectResponse = z.looseObject({ active: z.boolean() });

export const introspect =
  (flows: Flows) =>
  ({ client, body }: ClientRouteCall<z.output<typeof introspectBody>>) =>
    flows.introspect(client, body.token);
