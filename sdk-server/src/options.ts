import {
  assertOptions,
  createOriginMatcher,
  type OptionNames,
  type OriginUse,
  originOfUrl,
  parseOrigin,
} from '@latchkey/contract';
import type { BrowserProtocolOptions, Causes, KeySet, Proofs, SocketServerOptionsInput } from '@latchkey/core';
import {
  type Clock,
  consoleLogger,
  createSystemClock,
  type Logger,
  type SuspensionDetector,
} from '@latchkey/core/internal';
import type { ServerOptions } from 'socket.io';
import type { ServiceClient } from './client/service-client.ts';
import { assertUsersOptions, type UsersOptions } from './users/options.ts';
import { assertStalenessPolicy, type StalenessPolicy } from './verify/verify.ts';

/** Options of this process, independent of the authority. */
export interface ProcessOptions {
  /** While the list of ended sessions is out of date. Default: `allow`. */
  readonly policy?: StalenessPolicy;
  /**
   * URL under which clients reach this app, with a path that its proxy removes, such as `https://api.example.test/v1`.
   * Proofs of possession name it as `htu`. Default: the `Host` header, which the client chooses, so set it if several
   * apps accept the same access tokens, and behind a proxy that terminates TLS.
   */
  readonly publicUrl?: string | undefined;
  /** Verified tokens that are remembered. Default: 10,000. */
  readonly cacheSize?: number;
  /** How long a session without sockets stays among the local ones, in minutes. Default: 10. */
  readonly maxInactiveTimeInMinsForInactiveSession?: number;
  /** Default: the console, one line for each warning and error. */
  readonly log?: Logger;
  readonly clock?: Clock;
}

/** What a backend says about itself and its service. */
export interface LatchkeyOptions extends ProcessOptions {
  /** Origin of the service, as this process reaches it: its `LATCHKEY_PUBLIC_URL`, or an address inside a cluster. */
  readonly url: string;
  readonly backendId: string;
  readonly backendSecret: string;
  /** `iss` of access tokens. Default: what the service says, its `LATCHKEY_PUBLIC_URL`. */
  readonly issuer?: string;
  /** `aud` of access tokens. Default: what the service says, its `LATCHKEY_AUDIENCE`. */
  readonly audience?: string;
  /** Age from which the list of ended sessions is out of date, in milliseconds. Default: 5,000. */
  readonly maxStalenessMs?: number;
  /** How long the clients' return is spread at a shutdown, in seconds. Default: 10. */
  readonly spreadInSecs?: number;
}

/** Dependencies of a latchkey: the connection to the authority, the keys of access tokens, and settings. */
export interface LatchkeyDeps extends ProcessOptions {
  /** `iss` of access tokens, unless the service has sent it. */
  readonly issuer: string;
  /** `aud` of access tokens, unless the service has sent it. */
  readonly audience: string;
  readonly client: ServiceClient;
  readonly keys: KeySet;
  /** Checks proofs of possession. Default: with nonces of this process alone. */
  readonly proofs?: Proofs;
  /** Default: one of its own. */
  readonly causes?: Causes;
  /** One that runs. Default: the sockets get one of their own. */
  readonly suspension?: SuspensionDetector;
  /** How long the clients' return is spread at a shutdown, in seconds. Default 10. */
  readonly spreadInSecs?: number;
}

/** Options of the app's own Socket.IO server. */
export interface SocketServeOptions
  extends Pick<BrowserProtocolOptions, 'limits' | 'timings' | 'addressOf' | 'settingNames' | 'namespaces'>,
    Pick<SocketServerOptionsInput, 'longPolling'> {
  /**
   * Origins of the app's pages; others are refused at the upgrade. `https://*.preview.example` allows all hosts one label
   * below `preview.example`. Pages in app shells and extensions have origins such as `capacitor://localhost`.
   */
  readonly origins?: readonly string[] | ((origin: string) => boolean) | undefined;
  /** The one app, as its URL: its origin is that of the pages, unless `origins` says otherwise. */
  readonly appUrl?: string | undefined;
  readonly adapter?: ServerOptions['adapter'] | undefined;
  /**
   * Lets clients follow which users of their own tenant are online. Default: no client may.
   *
   * @example
   * { mayRead: (user) => user.role === 'teller', show: ({ payload }) => ({ name: payload.name }) }
   */
  readonly users?: UsersOptions | undefined;
}

const processOptionNames: OptionNames<ProcessOptions> = {
  policy: true,
  publicUrl: 'string',
  cacheSize: 'positive number',
  maxInactiveTimeInMinsForInactiveSession: 'positive number',
  log: 'object',
  clock: 'object',
};

const latchkeyOptionNames: OptionNames<LatchkeyOptions> = {
  ...processOptionNames,
  url: true,
  backendId: true,
  backendSecret: true,
  issuer: true,
  audience: 'string',
  maxStalenessMs: 'positive number',
  spreadInSecs: true,
};

const latchkeyDepsNames: OptionNames<LatchkeyDeps> = {
  ...processOptionNames,
  issuer: 'string',
  audience: 'string',
  client: 'object',
  keys: 'object',
  proofs: 'object',
  causes: 'object',
  suspension: 'object',
  spreadInSecs: true,
};

const socketServeNames: OptionNames<SocketServeOptions> = {
  origins: true,
  appUrl: 'string',
  adapter: true,
  longPolling: 'boolean',
  limits: 'object',
  timings: 'object',
  addressOf: 'function',
  settingNames: 'object',
  namespaces: 'object',
  users: 'object',
};

/** @throws TypeError that names an unknown option */
export function assertSocketServeOptions(options: SocketServeOptions): void {
  assertOptions('socketServe', options, socketServeNames);
  if (options.users !== undefined) assertUsersOptions(options.users);
}

/** @throws TypeError that names an unknown part */
export function assertLatchkeyDeps(parts: LatchkeyDeps): void {
  assertOptions('composeLatchkey', parts, latchkeyDepsNames);
}

type ResolvedOptions = Required<LatchkeyOptions>;

/** The options with every default in its place. @throws TypeError with a sentence that names the fix */
export function resolveOptions(options: LatchkeyOptions): ResolvedOptions {
  assertOptions('createLatchkey', options, latchkeyOptionNames);
  const url = parseOriginOption('url', options.url);
  const { maxStalenessMs = 5_000, spreadInSecs = 10 } = options;
  const issuer = options.issuer === undefined ? url : parseOriginOption('issuer', options.issuer);
  return Object.freeze<ResolvedOptions>({
    ...resolveProcessOptions(options),
    ...{ url, issuer, maxStalenessMs, spreadInSecs },
    backendId: readCredentialOption(options, 'backendId'),
    backendSecret: readCredentialOption(options, 'backendSecret'),
    audience: options.audience ?? issuer,
  });
}

/** @throws TypeError with a sentence that names the fix */
export function resolveProcessOptions(options: ProcessOptions): Required<ProcessOptions> {
  const { policy = 'allow', cacheSize = 10_000, maxInactiveTimeInMinsForInactiveSession = 10 } = options;
  assertStalenessPolicy(policy);
  if (!(Number.isSafeInteger(cacheSize) && cacheSize > 0))
    throw new TypeError('cacheSize has to be a positive integer');
  const { log = consoleLogger, clock = createSystemClock() } = options;
  const publicUrl = options.publicUrl === undefined ? undefined : parsePublicUrlOption(options.publicUrl);
  return { policy, publicUrl, cacheSize, maxInactiveTimeInMinsForInactiveSession, log, clock };
}

/** Without white space around it, which files leave behind. */
function readCredentialOption(options: LatchkeyOptions, name: 'backendId' | 'backendSecret'): string {
  const text = typeof options[name] === 'string' ? options[name].trim() : '';
  if (text === '') throw new TypeError(`${name} is missing; the service's command \`backend create\` makes one`);
  return text;
}

/** An origin in its canonical spelling. @throws TypeError that names the option */
function parseOriginOption(name: string, text: unknown, use: OriginUse = 'server'): string {
  if (typeof text !== 'string') throw new TypeError(`${name} has to be an origin, such as https://app.example`);
  const { origin, mistake } = parseOrigin(text, use);
  if (mistake !== undefined) throw new TypeError(`${name} ${mistake}`);
  return origin;
}

/** The origin and the path without a slash at its end. */
function parsePublicUrlOption(text: string): string {
  const [, origin = text, path = ''] = /^(\w+:\/\/[^/?#]*)(\/[^?#]*)?$/.exec(text) ?? [];
  return new URL(path, parseOriginOption('publicUrl', origin)).href.replace(/\/+$/, '');
}

/** @throws TypeError without a setting of the allowed origins */
export function createOriginCheck({
  appUrl,
  origins = appUrl === undefined ? undefined : [parsePageOrigin(appUrl)],
}: Pick<SocketServeOptions, 'appUrl' | 'origins'>): (origin: string) => boolean {
  if (typeof origins === 'function') {
    if (origins.constructor.name !== 'AsyncFunction') return origins;
    throw new TypeError('origins must not be an async function: its promise would be no answer');
  }
  if (!Array.isArray(origins)) throw new TypeError("origins has to be a list, such as ['https://app.example.test']");
  return createOriginMatcher(origins.map((origin, at) => parseOriginOption(`origins[${at}]`, origin, 'pages')));
}

function parsePageOrigin(url: string): string {
  const origin = originOfUrl(url);
  if (origin !== undefined) return origin;
  throw new TypeError('appUrl has to be a whole URL, such as https://app.example.test/signed-in');
}
