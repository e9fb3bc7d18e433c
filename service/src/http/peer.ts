import { isIP } from 'node:net';
import type { Peer } from '@latchkey/sdk-server';
import proxyaddr from 'proxy-addr';
import type { Context } from './context.ts';

const longest = 512;

/**
 * Reads who stands at the other end. `X-Forwarded-For` counts only as far as each hop it names is on the operator's
 * list; anything that is no address falls back to the connection's own.
 *
 * @throws TypeError when the list holds something that is no address or network
 */
export function createPeerReader(trustProxy: readonly string[]): (ctx: Context) => Peer {
  const trust = proxyaddr.compile([...trustProxy]);
  return ({ req }) => {
    const claimed = proxyaddr(req, trust);
    return Object.freeze({
      connectionId: '',
      origin: cut(req.headers.origin),
      address: isIP(claimed) ? claimed : (req.socket.remoteAddress ?? null),
      userAgent: cut(req.headers['user-agent']),
    });
  };
}

function cut(header: string | undefined): string | null {
  return header === undefined || header === '' ? null : header.slice(0, longest);
}
