import { type EventTargetLike, listen, windowTarget } from '../platform/event-target.ts';
import { createSubscribable } from '../platform/subscribable.ts';

/** Tells the other tabs that the jar changed. Only a hint to read it again: the jar is the truth. */
export interface TabChannel {
  broadcast(): void;
  /** Calls `listener` when another tab changed the jar. */
  subscribe(listener: () => void): () => void;
  close(): void;
}

/** Nothing where there are none, or pages may not have one. */
export function openBroadcastChannel(name: string): BroadcastChannel | undefined {
  try {
    const channel = new BroadcastChannel(name);
    // Node keeps a process alive for an open channel; browsers have no such method.
    (channel as { unref?: () => void }).unref?.();
    return channel;
  } catch {
    return undefined;
  }
}

/** For a session that no other tab shares. */
export const noChannel: TabChannel = Object.freeze({ broadcast: () => {}, subscribe: () => () => {}, close: () => {} });

/** The channel of the tabs whose jar entries begin with `prefix`. */
export function createTabChannel(prefix: string, window: EventTargetLike | undefined = windowTarget()): TabChannel {
  let broadcastChannel: BroadcastChannel | undefined;
  const changes = createSubscribable<void>((publish) => {
    broadcastChannel = openBroadcastChannel(prefix);
    broadcastChannel?.addEventListener('message', () => publish());
    const forget = listen(window, ['storage'], (event) => {
      const { key } = event as StorageEvent;
      if (key === null || key === `${prefix}token`) publish();
    });
    return () => {
      forget();
      broadcastChannel?.close();
      broadcastChannel = undefined;
    };
  });
  return Object.freeze({
    broadcast: () => broadcastChannel?.postMessage('jar'),
    subscribe: changes.subscribe,
    close: changes.clear,
  });
}
