import { randomBytes } from 'node:crypto';
import type { SocketCredential } from '../../bench/open-socket.ts';
import type { ServiceHostCalls } from '../../bench/service-host.ts';
import type { SocketClientCalls } from '../../bench/socket-client.ts';
import { startWorker, type WorkerProcess } from '../../bench/worker.ts';
import type { BareSocketCalls } from './bare-socket-server.ts';
import { type BenchRooms, settle } from './rooms.ts';
import { liveOf, seedSessions } from './seed.ts';

export const startClient = () =>
  startWorker<SocketClientCalls>(new URL('../../bench/socket-client.ts', import.meta.url));

export const startServiceHost = () =>
  startWorker<ServiceHostCalls>(new URL('../../bench/service-host.ts', import.meta.url));

/** Bare Socket.IO; it believes tokens under the returned secret. */
export async function startBareServer(): Promise<{
  child: WorkerProcess<BareSocketCalls>;
  port: number;
  secret: string;
}> {
  const child = await startWorker<BareSocketCalls>(new URL('./bare-socket-server.ts', import.meta.url));
  const secret = randomBytes(32).toString('base64url');
  return { child, port: await child.call('listen', secret), secret };
}

/** So many sessions of so many users, each with its newest token and a new rotation key. */
export async function seedCredentials(rooms: BenchRooms, count: number): Promise<SocketCredential[]> {
  const sessions = await seedSessions(rooms.database, count);
  await settle(rooms.database, 'sessions');
  return sessions.map((seeded) => ({
    token: rooms.tokens.signSession(liveOf(seeded)),
    rotation_key: randomBytes(16).toString('base64url'),
  }));
}
