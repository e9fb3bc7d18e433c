import type { IncomingMessage } from 'node:http';
import { parseForwardedAddress } from '@latchkey/contract';
import ipaddr from 'ipaddr.js';
import type { EngineRefusal } from './refusal.ts';

/** Counts the connections of a network without a signed-in session. */
export type AddressLimit = ReturnType<typeof createAddressLimit>;

interface AddressLimitDeps {
  readonly maxConnections: number;
  readonly addressOf: (request: IncomingMessage) => string | null;
}

const retryAfterSeconds = 5;

/** Text that is no address is compared up to this length. */
const maxTextLength = 64;

/**
 * An address of IPv4 counts alone, one of IPv6 by its /64, which is one customer's. Each other text counts alone, too.
 * A connection without an address is not limited, because all such clients would share one limit.
 */
export function createAddressLimit({ maxConnections: limit, addressOf }: AddressLimitDeps) {
  const counts = new Map<string, number>();

  return Object.freeze({
    /** Why no further connection is taken from there now. */
    check(request: IncomingMessage): EngineRefusal | undefined {
      const network = networkOf(addressOf(request));
      if (network === undefined || (counts.get(network) ?? 0) < limit) return undefined;
      return {
        status: 429,
        code: 4,
        message: 'Too many sockets of this address are not signed in.',
        retryAfterSeconds,
        cause: 'too_many_sockets',
        fields: { network: ipaddr.isValid(network.replace(/\/64$/, '')) ? network : 'unreadable', limit },
      };
    },
    /** Counts a connection; returns the network that `leave` takes. */
    acquire(request: IncomingMessage) {
      const network = networkOf(addressOf(request));
      if (network !== undefined) counts.set(network, (counts.get(network) ?? 0) + 1);
      return network;
    },
    release(network: string | undefined) {
      if (network === undefined) return;
      const left = (counts.get(network) ?? 0) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
    },
  });
}

function networkOf(text: string | null): string | undefined {
  const address = parseForwardedAddress(text ?? '');
  if (address === '') return undefined;
  if (!ipaddr.isValid(address)) return address.slice(0, maxTextLength);
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`;
}
