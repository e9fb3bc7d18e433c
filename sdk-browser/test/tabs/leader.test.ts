import { expect } from 'chai';
import { createLeader } from '../../src/tabs/leader.ts';

/** Web Locks as the platform grants them: one holder, the next when it lets go. */
function createLocks() {
  const queue: (() => void)[] = [];
  let isHeld = false;
  const grant = (): void => {
    if (!isHeld) queue.shift()?.();
  };
  const request = (_name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<void>): Promise<void> =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        isHeld = true;
        void hold().then(() => {
          isHeld = false;
          resolve();
          grant();
        });
      };
      signal.addEventListener('abort', () => {
        if (!queue.includes(run)) return;
        queue.splice(queue.indexOf(run), 1);
        reject(signal.reason);
      });
      queue.push(run);
      grant();
    });
  return { request: request as unknown as LockManager['request'] };
}

describe('createLeader', () => {
  it('makes one tab the leader, and another one when it stops', async () => {
    const locks = createLocks();
    const [one, two] = [createLeader('x', locks), createLeader('x', locks)] as const;
    one.start();
    two.start();
    one.start();
    expect([one.isLeader, two.isLeader]).to.deep.equal([true, false]);
    one.stop();
    await new Promise((resolve) => setTimeout(resolve));
    expect([one.isLeader, two.isLeader]).to.deep.equal([false, true]);
    two.stop();
  });
  it('removes a candidate that stops', async () => {
    const locks = createLocks();
    const [one, two] = [createLeader('x', locks), createLeader('x', locks)] as const;
    one.start();
    two.start();
    two.stop();
    one.stop();
    await new Promise((resolve) => setTimeout(resolve));
    expect(two.isLeader).to.equal(false);
  });
  it('makes every tab a leader when locks are forbidden', async () => {
    const request = () => Promise.reject(new DOMException('no', 'SecurityError'));
    const leader = createLeader('x', { request } as unknown as LockManager);
    leader.start();
    await new Promise((resolve) => setTimeout(resolve));
    expect(leader.isLeader).to.equal(true);
    leader.stop();
    expect(leader.isLeader).to.equal(false);
  });
  it('makes every tab a leader without locks', () => {
    expect(createLeader('x', undefined).isLeader).to.equal(true);
  });
});
