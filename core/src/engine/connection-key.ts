import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connectionKeyNames, connectionKeyPattern } from '@latchkey/contract';

const headerName = connectionKeyNames.header.toLowerCase();
const { subprotocolPrefix } = connectionKeyNames;

/**
 * SHA-256 of the connection key that a request of the engine shows, in its header or as a subprotocol. `undefined`
 * without a well-formed one.
 */
export function connectionKeyHash({ headers }: Pick<IncomingMessage, 'headers'>): Buffer | undefined {
  const key = headers[headerName] ?? offeredKey(headers['sec-websocket-protocol']);
  if (typeof key !== 'string' || !connectionKeyPattern.test(key)) return undefined;
  return createHash('sha256').update(key).digest();
}

/** Compares in constant time. */
export function isSameKey(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

function offeredKey(offer: string | undefined): string | undefined {
  const subprotocols = offer?.split(',').map((name) => name.trim());
  return subprotocols?.find((name) => name.startsWith(subprotocolPrefix))?.slice(subprotocolPrefix.length);
}
