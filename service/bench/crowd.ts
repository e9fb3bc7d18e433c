import { randomBytes } from 'node:crypto';
import type { SocketCredential } from '../../bench/open-socket.ts';
import type { ServiceHostCalls } from '../../bench/service-host.ts';
import type { SocketClientCalls } from '../../bench/socket-client.ts';
import { startWorker, type WorkerProcess } from '../../bench/worker.ts';
import type { BareSocketCalls } from './bare-socket-server.ts';
import { type BenchDomain, settle } from './bench-domain.ts';
import { liveOf, seedSessions } from './seed.ts';

export const startClient = () =>
  startWorker<SocketClientCalls>(new URL('../../bench/socket-client.ts', import.meta.url));

export const startServiceHost = () =>
  startWorker<ServiceHostCalls>(new URL('../../bench/service-host.ts', import.meta.url));

/** Starts the bare Socket.IO server, which accepts tokens signed with the returned secret. */
export async function startBareServer(): Promise<{
  child: WorkerProcess<BareSocketCalls>;
  port: number;
  secret: string;
}> {
  const child = await startWorker<BareSocketCalls>(new URL('./bare-socket-server.ts', import.meta.url));
  const secret = randomBytes(32).toString('base64url');
  return { child, port: await child.call('listen', secret), secret };
}

/** Creates `count` sessions, each of another user, and returns each newest token with a new rotation key. */
export async function seedCredentials(domain: BenchDomain, count: number): Promise<SocketCredential[]> {
  const sessions = await seedSessions(domain.database, count);
  await settle(domain.database, 'sessions');
  return sessions.map((seeded) => ({
    token: domain.tokens.signSession(liveOf(seeded)),
    rotation_key: randomBytes(16).toString('base64url'),
  }));
}
