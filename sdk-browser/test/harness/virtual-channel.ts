import type { World } from './virtual-world.ts';

type Listener = (event: { readonly data: unknown }) => void;

/** Takes the place of the platform's BroadcastChannel: hints arrive late, or there are none at all. */
export function installChannels(world: World, delayMs: () => number, areThere: boolean): () => void {
  const channels = new Set<{ name: string; listeners: Listener[] }>();
  const original = globalThis.BroadcastChannel;
  class VirtualChannel {
    readonly name: string;
    readonly listeners: Listener[] = [];
    constructor(name: string) {
      this.name = name;
      channels.add(this);
    }
    addEventListener(_type: string, listener: Listener): void {
      this.listeners.push(listener);
    }
    postMessage(data: unknown): void {
      for (const other of channels) {
        if (other === this || other.name !== this.name) continue;
        world.at(delayMs(), () => {
          if (channels.has(other)) for (const listener of other.listeners) listener({ data });
        });
      }
    }
    close(): void {
      channels.delete(this);
    }
  }
  Object.assign(globalThis, { BroadcastChannel: areThere ? VirtualChannel : undefined });
  return () => Object.assign(globalThis, { BroadcastChannel: original });
}
