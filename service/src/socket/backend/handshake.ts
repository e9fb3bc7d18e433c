import { backendProtocol, type Failure, fail, toFailure, toWireError } from '@latchkey/contract';
import { backendHandshakeSchema, parseInput } from '@latchkey/contract/schemas';
import type { RefusalObserver } from '@latchkey/core';
import { isUnavailable } from '@latchkey/core/internal';
import type { BackendFlows } from '../../flow/flows.ts';
import type { ServiceCauses } from '../../ops/causes.ts';
import type { BackendSocket } from './backend-socket.ts';
import type { PresenceFactory } from './presence.ts';

type Next = (error?: Error) => void;

/**
 * Attempts of one connection. A backend retries about every second, and a refused connection is closed after five
 * seconds.
 */
const maxAttempts = 8;

/** Who connects, before anything else: `connect_error` carries the error of the table in `data`. */
export function createHandshake(deps: {
  flows: BackendFlows;
  presenceOf: PresenceFactory;
  isDraining: () => boolean;
  causes: Pick<ServiceCauses, 'failure' | 'report'>;
  onError: (error: unknown) => void;
  onRefused: RefusalObserver;
}) {
  const { flows, presenceOf, isDraining, causes, onError } = deps;
  const tries = new WeakMap<object, number>();

  /** Each attempt costs a database query, and an attacker may send tens of thousands. */
  function mayTry({ conn }: BackendSocket): boolean {
    const count = (tries.get(conn) ?? 0) + 1;
    tries.set(conn, count);
    return count <= maxAttempts;
  }

  function refuseWhileDraining(): void {
    if (isDraining()) throw fail('server_draining', { retryAfterMs: 1_000 });
  }

  async function admit(socket: BackendSocket): Promise<void> {
    const { auth } = socket.handshake;
    socket.handshake.auth = {};
    refuseWhileDraining();
    refuseOtherProtocol(deps.causes, auth);
    const { backend_id, backend_secret, server_id } = parseInput(backendHandshakeSchema, auth);
    const { backend, credential } = await flows.acceptCredential({ id: backend_id, secret: backend_secret });
    const presence = presenceOf({ serverId: server_id, backendId: backend.id });
    await presence.start();
    // Checked again, because a backend that connects after the drain began would not get `server_drain`.
    refuseWhileDraining();
    socket.data = { backend, credential, presence };
  }

  return (socket: BackendSocket, next: Next): void => {
    if (!mayTry(socket)) socket.conn.close(true);
    else
      admit(socket).then(
        () => next(),
        (error: unknown) => {
          const failure = toFailure(error);
          deps.onRefused('connect', failure.code);
          if (isUnavailable(failure)) causes.report('requests_unavailable', { call: 'connect', err: failure });
          else if (failure.cause !== undefined) onError(failure);
          next(toConnectError(failure));
        },
      );
  };
}

function refuseOtherProtocol(
  causes: Pick<ServiceCauses, 'failure'>,
  { protocol, backend_id }: Record<string, unknown>,
): void {
  if (protocol === backendProtocol) return;
  const theirs = Number.isInteger(protocol) ? String(protocol) : 'none';
  const message = `This service speaks version ${backendProtocol} of the protocol for backends, the backend ${theirs}: bring both to one release.`;
  const backend = typeof backend_id === 'string' ? backend_id.slice(0, 63) : 'none';
  const fields = { backend, theirs, ours: backendProtocol };
  throw causes.failure('backend_protocol_differs', 'invalid_request', { message }, fields);
}

function toConnectError(failure: Failure): Error {
  return Object.assign(new Error(failure.message), { data: toWireError(failure) });
}
