import { randomUUID } from 'node:crypto';
import { type CodeResponse, fail, parseScope } from '@latchkey/contract';
import type { CodePayload } from '../domain/code/codes.ts';
import type { Tenant } from '../domain/tenant/tenant.ts';
import { peekJwtTimes } from '../domain/token/jwt-times.ts';
import type { User } from '../domain/user/user.ts';
import type { FlowContext } from './context.ts';
import type { SignInTarget } from './types.ts';

/**
 * Signs the code of a user whose password or address was just proved. With `app`, puts it into that URL's fragment. Without
 * `app`, the hook `appUrl` makes a URL as well, unless there are several apps. User and tenant are those read before
 * the proof was checked, so that a later sign-out invalidates the code.
 *
 * @param amr how the user signed in (RFC 8176), and `email` for a proof by mail
 */
export async function issueCode(
  context: Pick<FlowContext, 'codes' | 'config' | 'databaseClock' | 'hooks'>,
  { user, tenant }: { user: User; tenant: Pick<Tenant, 'codeVersion'> },
  input: SignInTarget,
  amr: readonly string[] = ['pwd'],
): Promise<CodeResponse> {
  const { hooks, codes, config, databaseClock } = context;
  const payload: CodePayload = {
    sid: randomUUID(),
    sub: user.id,
    tid: user.tenantId,
    cv: user.credentialVersion,
    tv: tenant.codeVersion,
    auth_time: Math.floor(databaseClock.now() / 1_000),
    amr: [...amr],
    ...(input.codeChallenge === undefined ? {} : { cc: input.codeChallenge }),
    ...(input.scope === undefined ? {} : { scope: input.scope }),
    ...(input.keyThumbprint === undefined ? {} : { jkt: input.keyThumbprint }),
  };
  const code = await hooks.authorization({ ...payload }, (shaped) => codes.sign(payload, shaped));
  const { iat, exp } = peekJwtTimes(code);
  const expires_in = exp - iat;
  const urlOf = (app: string | undefined) =>
    hooks.appUrl(code, { user, app, state: input.state, issuer: config.issuer });
  if (input.app !== undefined) return { url: await urlOf(input.app), expires_in };
  return hooks.hasAppUrl && isOneApp(config.appUrls)
    ? { code, url: await urlOf(config.appUrls[0]), expires_in }
    : { code, expires_in };
}

/** One URL may be there in two spellings. */
function isOneApp(appUrls: readonly string[]): boolean {
  return new Set(appUrls.map((url) => new URL(url).href)).size <= 1;
}

/** Of the tenant that a sign-in names. */
export const unknownTenantCauses = { tenant_unknown: 'sign_in_tenant_unknown' } as const;

/** Refuses what no code may be made for, before anything costs. */
export function assertLoginRequest(
  { config, causes }: Pick<FlowContext, 'causes' | 'config'>,
  input: SignInTarget,
): void {
  if (config.requirePkce && input.codeChallenge === undefined)
    throw fail('invalid_request', { message: 'code_challenge is missing (RFC 7636, S256).' });
  if (input.app !== undefined && !config.appUrls.includes(input.app))
    throw causes.failure('app_url_refused', 'invalid_request', { message: 'app is not one of the allowed URLs.' });
  if (input.scope !== undefined && parseScope(input.scope) === undefined)
    throw fail('invalid_request', {
      message: 'scope has to be a list of scopes with one space between them (RFC 6749).',
    });
}
