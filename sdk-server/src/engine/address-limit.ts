import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import type { Refusal } from './refusal.ts';

/** Counts the connections of a network on which nobody has signed in. */
export interface AddressLimit {
  /** Why no further connection is taken from there now. */
  judge(request: IncomingMessage): Refusal | undefined;
  /** Counts a connection; returns the network that `leave` takes. */
  enter(request: IncomingMessage): string;
  leave(network: string): void;
}

export interface AddressLimitDeps {
  readonly most: number;
  readonly addressOf: (request: IncomingMessage) => string | null;
  /** What logs call the options that decide. */
  readonly names: { readonly unauthenticatedSocketsPerAddress: string; readonly addressOf: string };
}

const retryAfterSeconds = 5;

/**
 * An address of IPv4 counts alone, one of IPv6 by its /64, which is one customer's. Addresses that cannot be read count
 * together.
 */
export function createAddressLimit({ most, addressOf, names }: AddressLimitDeps): AddressLimit {
  const counts = new Map<string, number>();

  return Object.freeze<AddressLimit>({
    judge(request) {
      const network = networkOf(addressOf(request));
      if ((counts.get(network) ?? 0) < most) return undefined;
      return {
        status: 429,
        code: 4,
        message: 'Too many sockets of this address are not signed in.',
        retryAfterSeconds,
        log: `a socket was refused: too many of its address are not signed in (${names.unauthenticatedSocketsPerAddress}); behind a proxy, set ${names.addressOf}`,
        fields: { network, limit: most },
      };
    },
    enter(request) {
      const network = networkOf(addressOf(request));
      counts.set(network, (counts.get(network) ?? 0) + 1);
      return network;
    },
    leave(network) {
      const left = (counts.get(network) ?? 0) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
    },
  });
}

function networkOf(address: string | null): string {
  if (address === null || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`;
}
