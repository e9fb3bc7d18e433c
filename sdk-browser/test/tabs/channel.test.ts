import { expect } from 'chai';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createTabChannel } from '../../src/tabs/channel.ts';
import { SpyTarget } from '../harness/spy-target.ts';

function storageEvent(key: string | null): Event {
  return Object.assign(new Event('storage'), { key });
}

describe('createTabChannel', () => {
  it('notifies the other tabs, not itself', async () => {
    const [one, two] = [createTabChannel('p1:'), createTabChannel('p1:')] as const;
    const received: string[] = [];
    one.subscribe(() => received.push('one'));
    two.subscribe(() => received.push('two'));
    one.broadcast();
    await waitFor(() => received.length > 0);
    expect(received).to.deep.equal(['two']);
    one.close();
    two.close();
    one.broadcast();
  });
  it('receives changes of the storage when channels are unavailable', () => {
    const { BroadcastChannel } = globalThis;
    const refuse = class {
      constructor() {
        throw new DOMException('no', 'SecurityError');
      }
    };
    for (const missing of [refuse, undefined]) {
      Object.assign(globalThis, { BroadcastChannel: missing });
      try {
        const window = new SpyTarget();
        const channel = createTabChannel('p3:', window);
        let received = 0;
        channel.subscribe(() => {
          received += 1;
        });
        channel.broadcast();
        window.dispatchEvent(storageEvent('p3:token'));
        channel.close();
        expect([received, window.listening]).to.deep.equal([1, 0]);
      } finally {
        Object.assign(globalThis, { BroadcastChannel });
      }
    }
  });
  it('receives a change of its own token, and a clear of the storage', () => {
    const window = new SpyTarget();
    const channel = createTabChannel('p2:', window);
    expect(window.listening).to.equal(0);
    let received = 0;
    channel.subscribe(() => {
      received += 1;
    });
    for (const key of ['p2:key:s:1:a', 'other', 'p2:token', null]) window.dispatchEvent(storageEvent(key));
    expect(received).to.equal(2);
    channel.close();
    expect(window.listening).to.equal(0);
  });
});
