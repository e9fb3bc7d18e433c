import type { IncomingMessage } from 'node:http';
import { addressOfForwarded } from '@latchkey/contract';
import ipaddr from 'ipaddr.js';
import type { Refusal } from './refusal.ts';

/** Counts the connections of a network without a signed-in session. */
export interface AddressLimit {
  /** Why no further connection is taken from there now. */
  judge(request: IncomingMessage): Refusal | undefined;
  /** Counts a connection; returns the network that `leave` takes. */
  enter(request: IncomingMessage): string | undefined;
  leave(network: string | undefined): void;
}

interface AddressLimitDeps {
  readonly most: number;
  readonly addressOf: (request: IncomingMessage) => string | null;
}

const retryAfterSeconds = 5;

/** Text that is no address is compared up to this length. */
const maxTextLength = 64;

/**
 * An address of IPv4 counts alone, one of IPv6 by its /64, which is one customer's. Each other text counts alone, too.
 * A connection without an address is not limited, because all such clients would share one limit.
 */
export function createAddressLimit({ most, addressOf }: AddressLimitDeps): AddressLimit {
  const counts = new Map<string, number>();

  return Object.freeze<AddressLimit>({
    judge(request) {
      const network = networkOf(addressOf(request));
      if (network === undefined || (counts.get(network) ?? 0) < most) return undefined;
      return {
        status: 429,
        code: 4,
        message: 'Too many sockets of this address are not signed in.',
        retryAfterSeconds,
        cause: 'too_many_sockets',
        fields: { network: ipaddr.isValid(network.replace(/\/64$/, '')) ? network : 'unreadable', limit: most },
      };
    },
    enter(request) {
      const network = networkOf(addressOf(request));
      if (network !== undefined) counts.set(network, (counts.get(network) ?? 0) + 1);
      return network;
    },
    leave(network) {
      if (network === undefined) return;
      const left = (counts.get(network) ?? 0) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
    },
  });
}

function networkOf(text: string | null): string | undefined {
  const address = addressOfForwarded(text ?? '');
  if (address === '') return undefined;
  if (!ipaddr.isValid(address)) return address.slice(0, maxTextLength);
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`;
}
