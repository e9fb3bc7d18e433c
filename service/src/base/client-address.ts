import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { parseForwardedAddress } from '@latchkey/contract';
import proxyaddr from 'proxy-addr';

type Request = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * Returns the function that checks whether the other end of a connection is on the list of trusted proxies.
 *
 * @throws TypeError if the list holds something that is no address or network
 */
export function createProxyTrust(
  trustProxy: readonly string[],
): (connection: Pick<Request['socket'], 'remoteAddress'>) => boolean {
  const trust = proxyaddr.compile([...trustProxy]);
  return ({ remoteAddress = '' }) => trust(remoteAddress, 0);
}

/**
 * Returns the function that reads the address of a client. `X-Forwarded-For` counts only as far as each hop that it names is
 * on the list of trusted proxies. An entry may carry a port (`203.0.113.7:52345`, `[2001:db8::9]:443`).
 *
 * The address is `null` if a trusted proxy wrote an entry that is no address. It is not the proxy's own address, because all
 * clients would then share one.
 *
 * @param onUntrusted is called for a request whose `X-Forwarded-For` was ignored, because its sender is not on the list
 * @throws TypeError if the list holds something that is no address or network
 * @example
 * const addressOf = createAddressReader(['10.0.0.0/8']);
 * addressOf(request); // '203.0.113.7'
 */
export function createAddressReader(
  trustProxy: readonly string[],
  onUntrusted: () => void = () => {},
): (request: Request) => string | null {
  const trust = proxyaddr.compile([...trustProxy]);
  const isTrusted = createProxyTrust(trustProxy);
  return ({ socket, headers }) => {
    if (headers['x-forwarded-for'] !== undefined && !isTrusted(socket)) onUntrusted();
    const forwarded = [headers['x-forwarded-for'] ?? '']
      .flat()
      .join(',')
      .split(',')
      .map(parseForwardedAddress)
      .join(',');
    const address = proxyaddr(
      { socket, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage,
      trust,
    );
    return isIP(address) === 0 ? null : address;
  };
}
