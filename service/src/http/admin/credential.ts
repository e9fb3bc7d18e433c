import type { ShownAdmin } from '../../flow/admin/actor.ts';
import { readAccessToken } from '../bearer.ts';
import { readClient } from '../client-credential.ts';
import type { Context } from '../context.ts';

/**
 * What is shown at `/admin`: an admin token, or a backend's id and secret by HTTP Basic.
 *
 * @throws unauthenticated nothing shown, or nothing that can be read
 */
export function readAdmin(ctx: Context): ShownAdmin {
  ctx.state.bearer = true;
  if (/^basic(?: |$)/i.test(ctx.get('Authorization'))) return { backend: readClient(ctx, {}) };
  return readAccessToken(ctx);
}
