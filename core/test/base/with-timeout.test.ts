import { expect } from 'chai';
import { withTimeout } from '../../src/base/with-timeout.ts';

/** A clock whose one timer fires when the test says so. */
function createClock() {
  let task: (() => void) | undefined;
  return {
    clock: {
      after(_ms: number, fn: () => void) {
        task = fn;
        return () => {
          task = undefined;
        };
      },
    },
    fire: () => task?.(),
    isSet: () => task !== undefined,
  };
}

describe('withTimeout', () => {
  it('settles as the work does, and cancels its timer', async () => {
    const { clock, isSet } = createClock();
    expect(await withTimeout(clock, 10, Promise.resolve('done'), () => 'late')).to.equal('done');
    const failed = withTimeout(clock, 10, Promise.reject(new Error('no')), () => 'late');
    expect(await failed.catch(({ message }: Error) => message)).to.equal('no');
    expect(isSet()).to.equal(false);
  });

  it('settles with what onTimeout returns or throws when the work takes too long', async () => {
    const { clock, fire } = createClock();
    const never = new Promise<string>(() => {});
    const late = withTimeout(clock, 10, never, () => 'late');
    fire();
    expect(await late).to.equal('late');
    const failed = withTimeout(clock, 10, never, () => {
      throw new Error('too late');
    });
    fire();
    expect(await failed.catch(({ message }: Error) => message)).to.equal('too late');
  });
});
