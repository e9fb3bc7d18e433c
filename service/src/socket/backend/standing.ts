import type { Clock } from '../../base/clock.ts';
import type { BackendFlows } from '../../flow/backend/backend-flows.ts';
import type { LinkNamespace, LinkSocket } from './link.ts';

const everyMs = 5_000;

/**
 * Looks again, each few seconds, at what does not knock twice: a removed or disabled backend is put out and does not come
 * back by itself, a changed one goes on with its new scopes; and who follows is told when the signing keys changed.
 */
export function watchStanding(deps: {
  nsp: LinkNamespace;
  flows: Pick<BackendFlows, 'find'>;
  kids: () => string;
  clock: Clock;
  onError: (error: unknown) => void;
}): () => void {
  const { nsp, flows, kids, clock, onError } = deps;
  let known = kids();
  let cancel = clock.after(everyMs, look);

  async function lookAt(id: string, sockets: readonly LinkSocket[]): Promise<void> {
    const backend = await flows.find(id);
    for (const socket of sockets) {
      if (backend === undefined) socket.disconnect(true);
      else socket.data.backend = backend;
    }
  }

  async function lookAtAll(): Promise<void> {
    const byId = new Map<string, LinkSocket[]>();
    for (const socket of nsp.sockets.values()) {
      const { id } = socket.data.backend;
      byId.set(id, [...(byId.get(id) ?? []), socket]);
    }
    for (const [id, sockets] of byId) await lookAt(id, sockets);
  }

  function look(): void {
    const now = kids();
    if (now !== known) for (const socket of nsp.sockets.values()) socket.emit('keys_changed');
    known = now;
    cancel = clock.after(everyMs, look);
    lookAtAll().catch(onError);
  }

  return () => cancel();
}
