import { assertOptions, type OptionNames } from '@latchkey/contract';
import type { SessionOptions } from './session.ts';

/** Options of a session with their defaults for `socketUrl` and `apis`. */
export type ResolvedSessionOptions = SessionOptions & Required<Pick<SessionOptions, 'socketUrl' | 'apis'>>;

const names: OptionNames<SessionOptions> = {
  url: true,
  socketUrl: true,
  apis: true,
  persistence: 'string',
  storage: true,
  storageKey: 'string',
  tenant: 'string',
  useDpop: 'boolean',
  trackActivity: 'boolean',
  timers: true,
  createSocket: true,
  random: true,
};

/**
 * Returns the origin of an http or https address that has no path, query, fragment or user. Throws `TypeError` for any other.
 * The rules are those of `parseOrigin` in the contract, in fewer bytes.
 */
function parseOptionOrigin(name: string, text: string): string {
  try {
    const { href, origin } = new URL(text);
    if (/^http/.test(origin) && href === `${origin}/` && !/[*#?@]/.test(text + href)) return origin;
  } catch {}
  throw new TypeError(`${name} has to be an origin without a path, such as https://id.example`);
}

/**
 * Validates the options of `createSession` and writes their origins as browsers do.
 *
 * @throws TypeError that names the invalid option
 */
export function resolveSessionOptions(options: SessionOptions): ResolvedSessionOptions {
  assertOptions('createSession', options, names);
  const { url, socketUrl = url, apis = [] } = options;
  return {
    ...options,
    url: parseOptionOrigin('url', url),
    socketUrl: parseOptionOrigin('socketUrl', socketUrl),
    apis: Array.from(apis, (api) => parseOptionOrigin('apis', api)),
  };
}
