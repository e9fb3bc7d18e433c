import { fail } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { defaultAppUrl, validateAppUrl } from './app-url.ts';
import type { HookFunctions, HookName, Hooks } from './hook.ts';
import { createHookRunner, type OnHookFailure } from './hook-runner.ts';
import { resultSchemas } from './result-schemas.ts';
import { type ReadHostToken, shapeToken } from './shape-token.ts';

interface HooksOptions {
  readonly clock: Clock;
  /** Longest time that one hook may take, in milliseconds. Default 3,000. */
  readonly timeoutMs?: number;
  /** Is called when a hook throws, takes too long or returns what is not allowed. */
  readonly onFailure: OnHookFailure;
  /** Default: no token of the host's own is taken. */
  readonly readHostToken?: ReadHostToken;
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
  'renderMail',
  'sendMail',
] as const satisfies readonly HookName[];

/**
 * Completes the operator's hooks: defaults for those that are missing, a time-out and a check of the result for the
 * others. Unknown names and values that are no functions are a `TypeError`.
 *
 * @example
 * const hooks = createHooks({ claim: (user) => ({ name: String(user.profile.name ?? '') }) }, { clock, onFailure });
 */
export function createHooks(given: HookFunctions, options: HooksOptions): Hooks {
  const { clock, timeoutMs = 3_000, onFailure, readHostToken = () => undefined } = options;
  assertHooks(given);
  const {
    claim,
    scopes,
    findUserByCredentials,
    register,
    getTenantId,
    appUrl,
    authorization,
    refresh,
    onLogin,
    renderMail,
    sendMail,
  } = given;
  const runner = createHookRunner({ clock, timeoutMs, onFailure });
  const { run, parseResult } = runner;
  const shaping = { runner, readHostToken };

  return Object.freeze<Hooks>({
    async claim(user) {
      return claim ? parseResult('claim', resultSchemas.claims, await run('claim', () => claim(user))) : {};
    },
    scopes:
      scopes && (async (user) => parseResult('scopes', resultSchemas.scopes, await run('scopes', () => scopes(user)))),
    findUserByCredentials:
      findUserByCredentials &&
      (async (attempt) => {
        const found = await run('findUserByCredentials', () => findUserByCredentials(attempt));
        return parseResult('findUserByCredentials', resultSchemas.found, found);
      }),
    managesUsers: register !== undefined || findUserByCredentials !== undefined,
    async register(registration) {
      if (register === undefined) return findUserByCredentials ? refuseRegistration(onFailure) : undefined;
      const user = await run('register', () => register(registration));
      return parseResult(
        'register',
        findUserByCredentials ? resultSchemas.keptElsewhere : resultSchemas.registered,
        user,
      );
    },
    async getTenantId(question) {
      if (getTenantId === undefined) return question.tenant ?? 'default';
      return parseResult('getTenantId', resultSchemas.tenantId, await run('getTenantId', () => getTenantId(question)));
    },
    hasAppUrl: appUrl !== undefined,
    async appUrl(code, context) {
      const url = appUrl
        ? await run('appUrl', () => appUrl(code, context))
        : defaultAppUrl(code, context.app!, context);
      const mistake = validateAppUrl(url, code);
      if (mistake !== undefined) throw runner.invalidResult('appUrl', mistake);
      return url;
    },
    authorization: shapeToken('authorization', authorization, shaping),
    refresh: shapeToken('refresh', refresh, shaping),
    async onLogin(fact) {
      if (onLogin === undefined) return;
      // Reported already.
      await run('onLogin', () => onLogin(fact)).catch(() => {});
    },
    renderMail:
      renderMail &&
      (async (mail) =>
        parseResult('renderMail', resultSchemas.renderedMail, await run('renderMail', () => renderMail(mail)))),
    sendMail: sendMail && ((mail) => run('sendMail', () => sendMail(mail))),
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

/**
 * With accounts of another system sign-up is closed, because a login would never find an account that was made here.
 */
function refuseRegistration(onFailure: OnHookFailure): never {
  const detail = 'findUserByCredentials is set, register is not';
  onFailure('registration_hook_missing', 'register', detail);
  throw fail('registration_closed', { detail });
}
