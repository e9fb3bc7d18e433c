import { isDeepStrictEqual } from 'node:util';
import { backendPushes } from '@latchkey/contract';
import { type Clock, createPoller, singleFlight } from '@latchkey/core/internal';
import type { Backend } from '../../domain/backend/backend.ts';
import type { BackendFlows } from '../../flow/flows.ts';
import type { ServiceLogger } from '../../ops/logger.ts';
import type { BackendSocket, BackendSocketNamespace } from './backend-socket.ts';

/** Every change takes effect within 5 s, also when one read is slow. */
const recheckMs = 2_000;

/**
 * Checks the credentials of the connected backends again, every two seconds on every node. A backend that was deleted or
 * disabled, or whose secret is no longer accepted, is disconnected. One whose tenant or scopes changed has to connect
 * again, so that nothing is pushed under its former rights. Also notifies the backends when the published signing keys changed.
 */
export function watchCredentials(deps: {
  nsp: BackendSocketNamespace;
  flows: Pick<BackendFlows, 'revalidateCredentials'>;
  kids: () => string;
  clock: Clock;
  log: Pick<ServiceLogger, 'warn'>;
  onError: (error: unknown) => void;
}): () => void {
  const { nsp, flows, kids, clock, log, onError } = deps;
  let known = kids();

  const recheck = singleFlight(() => recheckAll().catch(onError));

  async function recheckAll(): Promise<void> {
    const sockets = [...nsp.sockets.values()];
    if (sockets.length === 0) return;
    const backends = await flows.revalidateCredentials(sockets.map(({ data }) => data.credential));
    sockets.forEach((socket, index) => {
      update(socket, backends[index]);
    });
  }

  function update(socket: BackendSocket, backend: Backend | undefined): void {
    const fields = { backend: socket.data.backend.id, server: socket.data.presence.serverId };
    if (backend === undefined) {
      log.warn(fields, 'a backend was disconnected: it was deleted or disabled, or its secret was replaced');
      socket.disconnect(true);
    } else if (hasOtherRights(socket.data.backend, backend)) {
      log.warn(fields, 'a backend has to connect again: its tenant or its scopes were changed');
      socket.conn.close();
    } else {
      socket.data.backend = backend;
    }
  }

  function check(): void {
    const now = kids();
    if (now !== known) for (const socket of nsp.sockets.values()) socket.emit(backendPushes.keysChanged);
    known = now;
    void recheck();
  }

  const poller = createPoller({ poll: check, periodMs: recheckMs, clock });
  poller.start();
  return () => void poller.stop();
}

function hasOtherRights(before: Backend, now: Backend): boolean {
  const rights = ({ tenantId, scopes }: Backend) => [tenantId, [...scopes].sort()];
  return !isDeepStrictEqual(rights(before), rights(now));
}
