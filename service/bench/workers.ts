import { randomBytes } from 'node:crypto';
import type { ServiceHostCalls } from '../../bench/service-host.ts';
import type { SocketClientCalls } from '../../bench/socket-client.ts';
import { startWorker, type WorkerProcess } from '../../bench/worker.ts';
import type { SocketIoHostCalls } from './socket-io-host.ts';

export const startClient = () =>
  startWorker<SocketClientCalls>(new URL('../../bench/socket-client.ts', import.meta.url));

export const startServiceHost = () =>
  startWorker<ServiceHostCalls>(new URL('../../bench/service-host.ts', import.meta.url));

/** Starts a server of Socket.IO alone, which accepts tokens signed with the returned secret. */
export async function startSocketIoHost(): Promise<{
  worker: WorkerProcess<SocketIoHostCalls>;
  port: number;
  secret: string;
}> {
  const worker = await startWorker<SocketIoHostCalls>(new URL('./socket-io-host.ts', import.meta.url));
  const secret = randomBytes(32).toString('base64url');
  return { worker, port: await worker.call('listen', secret), secret };
}
