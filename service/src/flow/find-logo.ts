import { fail } from '@latchkey/contract';
import { logoTypes } from '../domain/tenant/logo.ts';
import type { FlowContext } from './context.ts';

/** The image at the path of a logo. @throws not_found */
export async function findLogo(
  { db, tenants }: Pick<FlowContext, 'db' | 'tenants'>,
  file: string,
): Promise<{ readonly type: string; readonly bytes: Buffer }> {
  const [hash = '', type = ''] = file.split('.');
  const logo = /^[\da-f]{64}$/.test(hash) ? await tenants.findLogo(db, hash) : undefined;
  if (logo === undefined || logo.type !== type) throw fail('not_found');
  return { type: logoTypes[logo.type], bytes: logo.bytes };
}
