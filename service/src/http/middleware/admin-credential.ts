import type { AdminCredential } from '../../flow/admin/authorize.ts';
import type { Context } from '../context.ts';
import { readAccessToken } from './bearer.ts';
import { readClientCredential } from './client-credential.ts';

/**
 * What is shown at `/admin`: an admin token, or a backend's id and secret by HTTP Basic.
 *
 * @throws unauthenticated nothing shown, or nothing that can be read
 */
export function readAdminCredential(ctx: Context): AdminCredential {
  ctx.state.bearer = true;
  if (/^basic(?: |$)/i.test(ctx.get('Authorization'))) return { backend: readClientCredential(ctx, {}) };
  return readAccessToken(ctx);
}
