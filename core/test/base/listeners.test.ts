import { expect } from 'chai';
import { createListeners } from '../../src/base/listeners.ts';

describe('createListeners', () => {
  it('calls each listener as often as it was added, until it is removed', () => {
    const listeners = createListeners<[text: string]>();
    const calls: string[] = [];
    const listener = (text: string) => calls.push(text);
    const remove = listeners.add(listener);
    listeners.add(listener);
    listeners.emit('both');
    remove();
    listeners.emit('one');
    listeners.clear();
    listeners.emit('none');
    expect(calls).to.deep.equal(['both', 'both', 'one']);
  });

  it('does not call a listener that another one removes, nor one that it adds', () => {
    const listeners = createListeners<[]>();
    const calls: string[] = [];
    listeners.add(() => {
      calls.push('first');
      removeSecond();
      listeners.add(() => calls.push('added'));
    });
    const removeSecond = listeners.add(() => calls.push('second'));
    listeners.emit();
    expect(calls).to.deep.equal(['first']);
  });

  it('reports what a listener throws or rejects with, and calls the others', async () => {
    const errors: unknown[] = [];
    const listeners = createListeners<[id: number]>((error, id) => errors.push([(error as Error).message, id]));
    const calls: number[] = [];
    listeners.add(() => {
      throw new Error('thrown');
    });
    listeners.add(async () => {
      throw new Error('rejected');
    });
    listeners.add((id) => calls.push(id));
    listeners.emit(7);
    await Promise.resolve();
    await Promise.resolve();
    expect(calls).to.deep.equal([7]);
    expect(errors).to.deep.equal([
      ['thrown', 7],
      ['rejected', 7],
    ]);
  });

  it('throws the error of a listener when no error handler is set', () => {
    const listeners = createListeners<[]>();
    listeners.add(() => {
      throw new Error('thrown');
    });
    expect(() => listeners.emit()).to.throw('thrown');
  });
});
