import { fail } from '@latchkey/contract';
import type { Clock } from '../base/clock.ts';
import { appUrlMistake, defaultAppUrl } from './app-url.ts';
import type { HookFunctions, HookName, Hooks } from './hook.ts';
import { results } from './hook-results.ts';
import { createHookRunner, type OnHookTrouble } from './hook-runner.ts';
import { type ReadOwnToken, shapeToken } from './shape-token.ts';

interface HooksOptions {
  readonly clock: Clock;
  /** Longest time that one hook may take, in milliseconds. Default 3,000. */
  readonly timeoutMs?: number;
  /** Is called when a hook throws, takes too long or returns what is not allowed. */
  readonly onTrouble: OnHookTrouble;
  /** Default: no token of the host's own is taken. */
  readonly readOwnToken?: ReadOwnToken;
}

export const hookNames = [
  'claim',
  'scopes',
  'findUserByCredentials',
  'register',
  'getTenantId',
  'appUrl',
  'authorization',
  'refresh',
  'onLogin',
] as const satisfies readonly HookName[];

/**
 * Completes the operator's hooks: defaults for those that are missing, a time-out and a check of the result for the
 * others. Unknown names and values that are no functions are a `TypeError`.
 *
 * @example
 * const hooks = createHooks({ claim: (user) => ({ name: String(user.profile.name ?? '') }) }, { clock, onTrouble });
 */
export function createHooks(given: HookFunctions, options: HooksOptions): Hooks {
  const { clock, timeoutMs = 3_000, onTrouble, readOwnToken = () => undefined } = options;
  assertHooks(given);
  const { claim, scopes, findUserByCredentials, register, getTenantId, appUrl, authorization, refresh, onLogin } =
    given;
  const runner = createHookRunner({ clock, timeoutMs, onTrouble });
  const { run, check } = runner;
  const shaping = { runner, readOwnToken };

  return Object.freeze<Hooks>({
    async claim(user) {
      return claim ? check('claim', results.claims, await run('claim', () => claim(user))) : {};
    },
    scopes: scopes && (async (user) => check('scopes', results.scopes, await run('scopes', () => scopes(user)))),
    findUserByCredentials:
      findUserByCredentials &&
      (async (attempt) => {
        const found = await run('findUserByCredentials', () => findUserByCredentials(attempt));
        return check('findUserByCredentials', results.found, found);
      }),
    async register(registration) {
      if (register === undefined) return findUserByCredentials ? refuseRegistration(onTrouble) : undefined;
      const user = await run('register', () => register(registration));
      return check('register', findUserByCredentials ? results.keptElsewhere : results.registered, user);
    },
    async getTenantId(question) {
      if (getTenantId === undefined) return question.tenant ?? 'default';
      return check('getTenantId', results.tenantId, await run('getTenantId', () => getTenantId(question)));
    },
    hasAppUrl: appUrl !== undefined,
    async appUrl(code, context) {
      const url = appUrl
        ? await run('appUrl', () => appUrl(code, context))
        : defaultAppUrl(code, context.app!, context);
      const mistake = appUrlMistake(url, code);
      if (mistake !== undefined) throw runner.wrongResult('appUrl', mistake);
      return url;
    },
    authorization: shapeToken('authorization', authorization, shaping),
    refresh: shapeToken('refresh', refresh, shaping),
    async onLogin(fact) {
      if (onLogin === undefined) return;
      // Reported already.
      await run('onLogin', () => onLogin(fact)).catch(() => {});
    },
  });
}

/** @throws TypeError for a name that is no hook, and for a hook that is no function */
export function assertHooks(given: object, where = 'createHooks'): void {
  const known: readonly string[] = hookNames;
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) throw new TypeError(`${where}: ${name} is not a hook; hooks are ${known.join(', ')}.`);
    if (value !== undefined && typeof value !== 'function')
      throw new TypeError(`${where}: the hook ${name} has to be a function.`);
  }
}

/** Whoever signs in by another system cannot sign up here: nobody would ever find the account. */
function refuseRegistration(onTrouble: OnHookTrouble): never {
  const detail = 'findUserByCredentials is set, register is not';
  onTrouble('registration_hook_missing', 'register', detail);
  throw fail('registration_closed', { detail });
}
