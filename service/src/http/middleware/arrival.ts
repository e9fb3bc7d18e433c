import { createProxyTrust } from '../../base/client-address.ts';
import type { Context } from '../context.ts';

/** How a request arrived: the other end of its connection, and the headers that proxies write. */
export interface Arrival {
  readonly host: string | null;
  readonly remoteAddress: string | null;
  readonly remotePort: number | null;
  /** `X-Forwarded-For`, of at most 512 characters; `null`: absent. */
  readonly forwardedFor: string | null;
  /** The other end is on the list of trusted proxies. */
  readonly isProxyTrusted: boolean;
}

const maxLength = 512;

/**
 * Returns the function that reads how a request arrived.
 *
 * @throws TypeError when the list holds something that is no address or network
 */
export function createArrivalReader(trustProxy: readonly string[]): (ctx: Context) => Arrival {
  const isTrusted = createProxyTrust(trustProxy);
  return ({ req: { headers, socket } }) => ({
    host: headers.host?.slice(0, maxLength) ?? null,
    remoteAddress: socket.remoteAddress ?? null,
    remotePort: socket.remotePort ?? null,
    forwardedFor: [headers['x-forwarded-for'] ?? []].flat().join(',').slice(0, maxLength) || null,
    isProxyTrusted: isTrusted(socket),
  });
}
