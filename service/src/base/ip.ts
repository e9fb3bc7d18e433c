import ipaddr from 'ipaddr.js';

/** The network part of an address, which is all that is kept of it: /24 of IPv4, /48 of IPv6. */
function addressPrefix(address: string | null): string | null {
  if (address === null || !ipaddr.isValid(address)) return null;
  const parsed = ipaddr.process(address);
  const bits = parsed.kind() === 'ipv4' ? 24 : 48;
  const kind = parsed.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${kind.networkAddressFromCIDR(`${parsed.toString()}/${bits}`).toString()}/${bits}`;
}

/** The part of an address that shares one quota: an IPv6 customer has 2^64 addresses, which count as one. */
export function networkPrefix(address: string | null): string {
  if (address === null || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return Buffer.from(parsed.toByteArray().slice(0, 8)).toString('hex');
}

/** The client of a request with the prefix of its address. Most requests do not need it, so it is a getter. */
export function withAddressPrefix<T extends { readonly address: string | null }>(
  client: T,
): T & { readonly addressPrefix: string | null } {
  return {
    ...client,
    get addressPrefix() {
      return addressPrefix(client.address);
    },
  };
}
