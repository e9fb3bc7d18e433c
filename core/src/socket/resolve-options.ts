import { assertOptions, type OptionNames } from '@latchkey/contract';
import type { SettingNames } from './options.ts';
import {
  type BrowserProtocolOptions,
  defaultLimits,
  defaultTimings,
  type ProtocolTimings,
  type SocketLimits,
} from './options.ts';

const protocolNames: OptionNames<BrowserProtocolOptions> = {
  authority: 'object',
  clock: 'object',
  log: 'object',
  causes: 'object',
  limits: 'object',
  timings: 'object',
  addressOf: 'function',
  settingNames: 'object',
  namespaces: 'object',
  publicUrl: 'string',
  keepRequestHeaders: 'boolean',
  suspension: 'object',
};

const limitNames: OptionNames<SocketLimits> = {
  socketsPerSession: 'positive number',
  unauthenticatedSocketsPerAddress: 'positive number',
  refreshesPerMinute: 'positive number',
  messageBurst: 'positive number',
  messagesPerSecond: 'positive number',
  finalRefusals: 'positive number',
  backlogBytes: 'positive number',
};

const timingNames: OptionNames<ProtocolTimings> = {
  authenticateMs: 'positive number',
  authenticateExtendedMs: 'positive number',
  accessGraceMs: 'positive number',
  afterOutageMs: 'positive number',
  recheckMs: 'positive number',
  warningsMs: 'object',
  activityMs: 'positive number',
  closeTimeoutMs: 'positive number',
  answerMs: 'positive number',
  tickMs: 'positive number',
};

const settingNames: OptionNames<SettingNames> = {
  origins: 'string',
  longPolling: 'string',
  unauthenticatedSocketsPerAddress: 'string',
  socketsPerSession: 'string',
  addressOf: 'string',
  publicUrl: 'string',
};

/** Limits and times with every default in its place. @throws TypeError that names the wrong option */
export function resolveProtocolOptions(options: BrowserProtocolOptions): {
  limits: SocketLimits;
  timings: ProtocolTimings;
} {
  assertOptions('mountBrowserProtocol', options, protocolNames);
  assertOptions('settingNames', options.settingNames ?? {}, settingNames);
  const { limits = {}, timings = {} } = options;
  assertOptions('limits', limits, limitNames);
  assertOptions('timings', timings, timingNames);
  const { warningsMs = defaultTimings.warningsMs } = timings;
  if (!(Array.isArray(warningsMs) && warningsMs.every((ms) => ms > 0)))
    throw new TypeError('timings: warningsMs has to be a list of positive numbers.');
  return { limits: withDefaults(defaultLimits, limits), timings: withDefaults(defaultTimings, timings) };
}

function withDefaults<T extends object>(defaults: T, given: Partial<T>): T {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.freeze({ ...defaults, ...Object.fromEntries(set) });
}
