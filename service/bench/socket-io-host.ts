import { createSecretKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Authenticated } from '@latchkey/contract';
import jwt from 'jsonwebtoken';
import { Server } from 'socket.io';
import { type Memory, measureMemory } from '../../bench/memory.ts';
import { serveCalls } from '../../bench/serve-calls.ts';

export type SocketIoHostCalls = {
  /** Listens and returns the port; tokens are made with `secret`. */
  listen(secret: string): Promise<number>;
  memory(): Promise<Memory>;
};

/**
 * Minimal authentication: Socket.IO with its defaults and one handler that verifies the token, then signs the next one and
 * an access token. It stores nothing and detects no reuse.
 */
function serve(secret: string): Promise<number> {
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], serveClient: false });
  const key = createSecretKey(Buffer.from(secret, 'base64url'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  io.on('connection', (socket) => {
    socket.on('authenticate', ({ token }: { token: string }) => {
      const { sid, gen, tag, exp } = jwt.verify(token, key, { algorithms: ['HS256'] }) as jwt.JwtPayload;
      const next = jwt.sign({ sid, gen: gen + 1, tag, exp }, key, { algorithm: 'HS256', noTimestamp: true });
      const claims = {
        iss: 'bench',
        sub: sid,
        aud: 'bench',
        jti: randomUUID(),
        client_id: 'bench',
        sid,
        tid: 'default',
      };
      const access = jwt.sign({ ...claims, auth_time: 0, amr: ['pwd'] }, privateKey, {
        algorithm: 'ES256',
        expiresIn: 300,
      });
      socket.data = { sid };
      socket.emit('authenticated', payload(sid, next, access), () => {});
    });
  });
  return new Promise((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}

function payload(sid: string, token: string, accessToken: string): Authenticated {
  return {
    token,
    token_expires_in: 43_200,
    access_token: accessToken,
    access_token_expires_in: 300,
    refresh_in: 240,
    rotate_in: 900,
    session: { id: sid, expires_in: 43_200, idle_timeout_in: null },
    user: { id: sid, tenant_id: 'default' },
    server_time: Date.now(),
  };
}

const calls: SocketIoHostCalls = { listen: serve, memory: measureMemory };
serveCalls(calls);
