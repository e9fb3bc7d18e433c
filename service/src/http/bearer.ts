import { type ErrorCode, endsJar, fail } from '@latchkey/contract';
import type { Caller, Flows } from '../flow/flows.ts';
import type { Context } from './context.ts';

const scheme = /^bearer(?: |$)/i;
/** `b64token` of RFC 6750 §2.1. */
const credentials = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/** Who calls, by the access token in the Authorization header and nowhere else (RFC 6750 §2.1). @throws unauthenticated */
export async function readCaller(ctx: Context, flows: Pick<Flows, 'authenticate'>): Promise<Caller> {
  const header = ctx.get('Authorization');
  ctx.state.bearer = true;
  ctx.state.tokenShown = scheme.test(header);
  const token = credentials.exec(header)?.[1];
  if (token === undefined) throw fail('unauthenticated');
  return flows.authenticate(token);
}

/** `WWW-Authenticate` of a 401: no error when nothing was shown (RFC 6750 §3), a step-up by RFC 9470. */
export function challenge(code: ErrorCode, tokenShown = false): string {
  const error = tokenShown ? challengeError(code) : undefined;
  return error === undefined ? 'Bearer realm="latchkey"' : `Bearer realm="latchkey", error="${error}"`;
}

function challengeError(code: ErrorCode): string | undefined {
  if (code === 'reauthentication_required') return 'insufficient_user_authentication';
  return code === 'unauthenticated' || endsJar(code) ? 'invalid_token' : undefined;
}
