import type { Awaitable, Claims, HookName, Hooks, SignFunction } from './hook.ts';
import type { HookRunner } from './hook-runner.ts';
import { resultSchemas, withoutReservedClaims } from './result-schemas.ts';

type Shape = (payload: Claims, sign: SignFunction) => Awaitable<string>;

/** Claims of a JWT (HS256) that the host application signed with one of the service's secrets; `undefined`: it is none. */
export type ReadHostToken = (token: string) => Claims | undefined;

interface TokenShapingDeps {
  readonly runner: HookRunner;
  readonly readHostToken: ReadHostToken;
}

/** Of a token of the host's own, these may differ from the payload: they belong to each token. */
const perTokenClaims: ReadonlySet<string> = new Set(['iat', 'exp', 'nbf', 'jti']);

/**
 * The hook may add claims and shorten the life of the token. It returns what `sign` gave in this call, or a JWT that it
 * signed itself, as hooks of zerv-core do; the service then signs the claims of that JWT again.
 */
export function shapeToken(
  name: 'authorization' | 'refresh',
  hook: Shape | undefined,
  { runner, readHostToken }: TokenShapingDeps,
): Hooks['refresh'] {
  if (hook === undefined) return async (payload, sign) => sign(payload);
  return async (payload, sign) => {
    const signed = new Set<string>();
    const guardedSign: SignFunction = async (shaped) => {
      if (isExpired(shaped, payload))
        throw runner.invalidResult(name, `hook ${name} has set exp to a time that is over`);
      const token = await sign({ ...additions(name, { shaped, payload }, runner), ...payload, ...expiryOf(shaped) });
      signed.add(token);
      return token;
    };
    const shaped = await runner.run(name, () => hook(structuredClone(payload), guardedSign));
    const token = runner.parseResult(name, resultSchemas.signed, shaped);
    if (signed.has(token)) return token;
    const own = readHostToken(token);
    if (own === undefined) throw runner.invalidResult(name, `hook ${name} ${howToSign}`);
    const changed = Object.keys(payload).filter(
      (claim) => !perTokenClaims.has(claim) && !isSame(own[claim], payload[claim]),
    );
    if (changed.length === 0) return guardedSign(own);
    throw runner.invalidResult(
      name,
      `hook ${name} returned a JWT that lacks or changes ${changed.join(', ')} of its payload`,
    );
  };
}

const howToSign =
  'has to return what sign() gave, or a JWT (HS256) of its payload, signed with the secret of the service';

/** The sign functions of the service take an end that is earlier than their own. */
const expiryOf = ({ exp }: Claims): Claims => (Number.isSafeInteger(exp) ? { exp } : {});

/** Clients renew such a token again and again. The end of the payload itself may be that close. */
function isExpired(shaped: Claims, { exp: own, iat, auth_time }: Claims): boolean {
  const { exp } = expiryOf(shaped);
  return exp !== undefined && exp !== own && Number(exp) <= Number(iat ?? auth_time ?? 0);
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What the hook added to the payload; its bytes are capped, the payload's own are not its business. */
function additions(
  name: HookName,
  { shaped, payload }: { shaped: Claims; payload: Claims },
  { parseResult }: Pick<HookRunner, 'parseResult'>,
): Claims {
  const own = Object.fromEntries(Object.entries(shaped).filter(([claim]) => !Object.hasOwn(payload, claim)));
  return withoutReservedClaims(parseResult(name, resultSchemas.claims, own));
}
