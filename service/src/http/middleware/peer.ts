import { createAddressReader } from '../../base/client-address.ts';
import { withAddressPrefix } from '../../base/ip.ts';
import type { Client } from '../../flow/types.ts';
import type { Context } from '../context.ts';

const maxHeaderLength = 512;

/**
 * Returns the function that reads the client of a request: its address, origin and browser.
 *
 * @param onUntrusted is called for a request whose `X-Forwarded-For` was ignored
 * @throws TypeError when the list holds something that is no address or network
 */
export function createPeerReader(
  trustProxy: readonly string[],
  onUntrusted: () => void = () => {},
): (ctx: Context) => Client {
  const addressOf = createAddressReader(trustProxy, onUntrusted);
  return ({ req }) =>
    withAddressPrefix({
      connectionId: '',
      origin: truncate(req.headers.origin),
      address: addressOf(req),
      userAgent: truncate(req.headers['user-agent']),
    });
}

function truncate(header: string | undefined): string | null {
  return header === undefined || header === '' ? null : header.slice(0, maxHeaderLength);
}
