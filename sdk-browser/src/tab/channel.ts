import { createSubscribable } from '../platform/subscribable.ts';
import { type EventSource, listen, windowTarget } from '../platform/target.ts';

/** Tells the other tabs that the jar changed. Only a hint to read it again: the jar is the truth. */
export interface TabChannel {
  announce(): void;
  /** Calls `listener` when another tab changed the jar. */
  subscribe(listener: () => void): () => void;
  close(): void;
}

/** Nothing where there are none, or pages may not have one. */
export function openBroadcast(name: string): BroadcastChannel | undefined {
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
export const noChannel: TabChannel = Object.freeze({ announce: () => {}, subscribe: () => () => {}, close: () => {} });

/** The channel of the tabs whose jar entries begin with `prefix`. */
export function createTabChannel(prefix: string, window: EventSource | undefined = windowTarget()): TabChannel {
  let broadcast: BroadcastChannel | undefined;
  const news = createSubscribable<void>((publish) => {
    broadcast = openBroadcast(prefix);
    broadcast?.addEventListener('message', () => publish());
    const forget = listen(window, ['storage'], (event) => {
      const { key } = event as StorageEvent;
      if (key === null || key === `${prefix}token`) publish();
    });
    return () => {
      forget();
      broadcast?.close();
      broadcast = undefined;
    };
  });
  return Object.freeze({
    announce: () => broadcast?.postMessage('jar'),
    subscribe: news.subscribe,
    close: news.clear,
  });
}
