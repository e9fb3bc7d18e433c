import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { SocketCredential } from '../../bench/open-socket.ts';

/** Tokens for the server of socket-io-host.ts, of the same shape and length as session tokens. */
export function signPlainTokens(secret: string, count: number): SocketCredential[] {
  const key = createSecretKey(Buffer.from(secret, 'base64url'));
  const exp = Math.floor(Date.now() / 1_000) + 43_200;
  const tokenOf = () => {
    const claims = { sid: randomUUID(), gen: 1, tag: randomBytes(16).toString('base64url'), exp };
    return jwt.sign(claims, key, { algorithm: 'HS256', noTimestamp: true });
  };
  return Array.from({ length: count }, () => ({
    token: tokenOf(),
    rotation_key: randomBytes(16).toString('base64url'),
  }));
}
