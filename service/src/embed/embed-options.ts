import { randomUUID } from 'node:crypto';
import { assertOptions, type OptionKind, originOfUrl } from '@latchkey/contract';
import { type Clock, createSystemClock } from '@latchkey/core/internal';
import { parseAppUrl } from '../base/app-url.ts';
import type { Config } from '../config/config.ts';
import { settings } from '../config/settings.ts';
import { defaultAppUrl } from '../hook/app-url.ts';
import type { HookFunctions } from '../hook/hook.ts';
import { assertHooks, hookNames } from '../hook/hooks.ts';
import { type LinkTargets, linkPurposes } from '../mail/mail-links.ts';
import { createServiceCauses, type ServiceCauses } from '../ops/causes.ts';
import { createLogger, type ServiceLogger } from '../ops/logger.ts';
import { configOf, type SettingOptions } from './setting-options.ts';

/** Of no use where the host listens, hands its hooks over as functions, and has its own documents. */
type ExcludedSetting = 'host' | 'hooks' | 'apiDocuments';

/**
 * The operator's hooks (`claim`, `scopes`, `findUserByCredentials`, `register`, `getTenantId`, `appUrl`, `authorization`,
 * `refresh`, `onLogin`, `renderMail`, `sendMail`) and the settings of docs/reference/config.md by their names in camel case, without `LATCHKEY_`: `secret`,
 * `databaseUrl`, `publicUrl`, `codeExpiresInSecs`, `tokenExpiresInMins`, ….
 */
export interface ApiServeOptions extends Omit<HookFunctions, 'appUrl'>, Omit<SettingOptions, ExcludedSetting> {
  /**
   * The one app, as its URL: its origin is allowed, sign-ins are sent back to it, and `/login` answers its URL beside the code. Or the
   * hook that makes the URL.
   *
   * @example
   * infraServe(server, app, { appUrl: 'https://app.example/signed-in' });
   */
  readonly appUrl?: string | HookFunctions['appUrl'] | undefined;
  /**
   * Pages of the app that links in mails open, by purpose, each one of `appUrls`. The secret is added behind `#`. Without
   * such a page what needs the mail is refused as `mail_unavailable`.
   *
   * @example
   * apiServe(app, { appUrls: ['https://app.example/reset'], links: { reset_password: 'https://app.example/reset' } });
   */
  readonly links?: LinkTargets | undefined;
  /** Another name of `disposalIntervalInMins`. */
  readonly disposalInterval?: number | undefined;
  /** The environment, to be read as the service reads it, where an option does not say otherwise. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: JSON lines on the standard output, from `logLevel` on. */
  readonly log?: ServiceLogger | undefined;
  readonly clock?: Clock | undefined;
}

/** What a node in a host's process begins with. */
export interface EmbedSettings {
  readonly config: Config;
  readonly hooks: HookFunctions;
  readonly log: ServiceLogger;
  readonly clock: Clock;
  /** Names this process in presence. */
  readonly serverId: string;
  readonly causes: ServiceCauses;
  /** Pages that links in mails open. */
  readonly links: LinkTargets;
}

const excludedSettings: ReadonlySet<string> = new Set<ExcludedSetting>(['host', 'hooks', 'apiDocuments']);
const settingNames = Object.keys(settings).filter((name) => !excludedSettings.has(name));
const known: Readonly<Record<string, OptionKind>> = {
  ...Object.fromEntries([...hookNames, ...settingNames].map((name) => [name, true])),
  disposalInterval: true,
  links: 'object',
  env: 'object',
  log: 'object',
  clock: 'object',
};

/**
 * @param where the function whose options they are
 * @param more names that it takes beside these
 * @throws TypeError an option is unknown or makes no sense
 */
export function readEmbedOptions(
  where: string,
  options: ApiServeOptions,
  more: Readonly<Record<string, OptionKind>> = {},
): EmbedSettings {
  assertOptions(where, options, { ...known, ...more });
  const { env, clock = createSystemClock() } = options;
  if (env?.LATCHKEY_HOOKS) throw new TypeError(`${where}: LATCHKEY_HOOKS is not read here; hand the hooks over.`);
  const { appUrl, ...app } = singleAppSettings(where, options);
  const hooks = { ...pick(options, hookNames), ...(appUrl === undefined ? {} : { appUrl }) } as HookFunctions;
  assertHooks(hooks, where);
  const config = configOf({ ...pick(options, settingNames), ...app, ...disposalSettings(where, options) }, env);
  const serverId = randomUUID();
  const log = options.log ?? createLogger({ level: config.logLevel, clock, serverId });
  const links = linkTargets(where, options, config);
  return Object.freeze({ config, hooks, log, clock, serverId, causes: createServiceCauses({ log, clock }), links });
}

/** @throws TypeError a purpose is unknown, or a URL is not one of `appUrls` */
function linkTargets(where: string, { links = {} }: ApiServeOptions, { appUrls }: Config): LinkTargets {
  for (const [purpose, url] of Object.entries(links)) {
    if (!linkPurposes.includes(purpose))
      throw new TypeError(`${where}: links.${purpose} is unknown; purposes are ${linkPurposes.join(', ')}.`);
    if (!appUrls.includes(url)) throw new TypeError(`${where}: links.${purpose} has to be one of appUrls.`);
  }
  return links;
}

/** The settings that follow from the URL of the one app. */
function singleAppSettings(
  where: string,
  options: ApiServeOptions,
): Pick<ApiServeOptions, 'appUrl' | 'appUrls' | 'allowedOrigins'> {
  const { appUrl, appUrls = [], allowedOrigins = [] } = options;
  if (typeof appUrl !== 'string') return {};
  const { url, mistake } = parseAppUrl(appUrl);
  if (url === undefined) throw new TypeError(`${where}: appUrl ${mistake}.`);
  const origin = originOfUrl(url);
  return {
    appUrl: (code, { app = url, ...answer }) => defaultAppUrl(code, app, answer),
    appUrls: [...new Set([appUrls, url].flat())],
    ...(origin === undefined ? {} : { allowedOrigins: [...new Set([allowedOrigins, origin].flat())] }),
  };
}

function disposalSettings(where: string, options: ApiServeOptions): SettingOptions {
  const { disposalInterval, disposalIntervalInMins } = options;
  if (disposalInterval === undefined) return {};
  if (disposalIntervalInMins !== undefined)
    throw new TypeError(`${where}: disposalInterval and disposalIntervalInMins are one; keep one.`);
  return { disposalIntervalInMins: disposalInterval };
}

/** The members of these names. */
export function pick(options: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}
