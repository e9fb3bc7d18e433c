import { isIP } from 'node:net';

const names = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** An address, a network (`10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `fd00::/8`), or the name of local ones. */
export function isAddressRange(text: string): boolean {
  if (names.has(text)) return true;
  const [address = '', size, ...rest] = text.split('/');
  const kind = isIP(address);
  return kind !== 0 && rest.length === 0 && (size === undefined || isPrefixLength(size, kind));
}

function isPrefixLength(size: string, kind: number): boolean {
  if (/^\d+$/.test(size)) return Number(size) >= 1 && Number(size) <= (kind === 4 ? 32 : 128);
  return kind === 4 && isIP(size) === 4;
}
