import { assertOptions, type OptionKind, type OptionNames } from '@latchkey/contract';
import {
  type BrowserProtocolOptions,
  defaultLimits,
  defaultSettingNames,
  defaultTimings,
  type ProtocolTimings,
  type SettingNames,
  type SocketLimits,
} from './options.ts';

const protocolNames: OptionNames<BrowserProtocolOptions> = {
  authority: 'object',
  clock: 'object',
  log: 'object',
  causes: 'object',
  onRefused: 'function',
  onUnavailable: 'function',
  limits: 'object',
  timings: 'object',
  addressOf: 'function',
  settingNames: 'object',
  namespaces: 'object',
  publicUrl: 'string',
  keepRequestHeaders: 'boolean',
  suspension: 'object',
};

/** The options that have these defaults, each of one kind. */
const optionsLike = (defaults: object, kind: OptionKind) =>
  Object.fromEntries(Object.keys(defaults).map((name) => [name, kind]));

/** Limits, times and names with every default in its place. @throws TypeError that names the wrong option */
export function resolveProtocolOptions(options: BrowserProtocolOptions): {
  limits: SocketLimits;
  timings: ProtocolTimings;
  settingNames: SettingNames;
} {
  assertOptions('mountBrowserProtocol', options, protocolNames);
  const { limits = {}, timings = {}, settingNames = {} } = options;
  assertOptions('settingNames', settingNames, optionsLike(defaultSettingNames, 'string'));
  assertOptions('limits', limits, optionsLike(defaultLimits, 'positive number'));
  assertOptions('timings', timings, { ...optionsLike(defaultTimings, 'positive number'), warningsMs: 'object' });
  const { warningsMs = defaultTimings.warningsMs } = timings;
  if (!(Array.isArray(warningsMs) && warningsMs.every((ms) => ms > 0)))
    throw new TypeError('timings: warningsMs has to be a list of positive numbers.');
  return {
    limits: withDefaults(defaultLimits, limits),
    timings: withDefaults(defaultTimings, timings),
    settingNames: withDefaults(defaultSettingNames, settingNames),
  };
}

function withDefaults<T extends object>(defaults: T, given: Partial<T>): T {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.freeze({ ...defaults, ...Object.fromEntries(set) });
}
