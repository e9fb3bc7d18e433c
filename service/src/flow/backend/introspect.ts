import type { Introspection } from '@latchkey/contract';
import type { Backend } from '../../domain/backend/backend.ts';
import type { LiveSession } from '../../domain/session/session.ts';
import type { FlowContext } from '../context.ts';
import { grantedScope } from '../granted-scope.ts';
import { tryRead } from '../try-read.ts';

/** What a token is judged by. */
export type IntrospectionContext = Pick<
  FlowContext,
  'config' | 'databaseClock' | 'db' | 'hooks' | 'sessions' | 'tokens' | 'users'
>;

const inactive: Introspection = { active: false };

/**
 * RFC 7662: a valid access token, or the newest session token, of a live session is active. Any other token, also of
 * another tenant, is inactive.
 */
export async function introspect(
  context: IntrospectionContext,
  backend: Pick<Backend, 'tenantId'>,
  token: string,
): Promise<Introspection> {
  const found =
    (await tryRead(() => introspectAccessToken(context, token))) ??
    (await tryRead(() => introspectSessionToken(context, token)));
  if (found === undefined) return inactive;
  const isOwn = backend.tenantId === null || backend.tenantId === found.live.tenantId;
  return isOwn ? found.introspection : inactive;
}

interface IntrospectedSession {
  readonly live: LiveSession;
  readonly introspection: Introspection;
}

async function introspectAccessToken(
  { tokens, sessions, databaseClock, db }: IntrospectionContext,
  token: string,
): Promise<IntrospectedSession | undefined> {
  const claims = await tokens.readAccess(token);
  const live = await sessions.liveInEpoch(db, claims.sid, databaseClock.epoch);
  // Last, or a hook's claim of that name would be taken for the verdict.
  const own = { active: true, token_type: claims.cnf === undefined ? 'Bearer' : 'DPoP' };
  return live && { live, introspection: { ...claims, ...own } };
}

async function introspectSessionToken(
  context: IntrospectionContext,
  token: string,
): Promise<IntrospectedSession | undefined> {
  const { tokens, sessions, databaseClock, db } = context;
  const { sid, gen, tag } = await tokens.readSession(token);
  const live = await sessions.liveInEpoch(db, sid, databaseClock.epoch);
  if (live === undefined || live.gen !== gen || !live.tag.equals(tag)) return undefined;
  const exp = Math.floor(live.expiresAtMs / 1_000);
  const scope = await grantedScope(context, live);
  const cnf = live.jkt === null ? {} : { cnf: { jkt: live.jkt } };
  return {
    live,
    introspection: {
      active: true,
      sub: live.userId,
      sid,
      tid: live.tenantId,
      exp,
      auth_time: live.authTime,
      ...(scope === '' ? {} : { scope }),
      ...cnf,
    },
  };
}
