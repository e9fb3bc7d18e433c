import { type EventTargetLike, listen, windowTarget } from '../platform/event-target.ts';
import { createSubscribable } from '../platform/subscribable.ts';

/** Opens a channel, or returns `undefined` where channels are missing or forbidden. */
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

/** The channel of a session that no other tab shares. */
export const noChannel: TabChannel = Object.freeze({ broadcast: () => {}, subscribe: () => () => {}, close: () => {} });

/** Creates the channel of the tabs whose entries begin with `prefix`. It also listens to changes of the token in Web Storage. */
export function createTabChannel(prefix: string, window: EventTargetLike | undefined = windowTarget()) {
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
    /** Notifies the other tabs of a change. */
    broadcast: () => broadcastChannel?.postMessage('changed'),
    /** Calls `listener` when another tab has changed the token store. Returns the function that removes it. */
    subscribe: changes.subscribe,
    close: changes.clear,
  });
}

/** Channel between tabs for changes of the token store. The receiver of a message reads the token store. */
type TabChannel = ReturnType<typeof createTabChannel>;
