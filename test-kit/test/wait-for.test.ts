import { expect } from 'chai';
import { waitFor } from '../wait-for.ts';

describe('waitFor', () => {
  it('resolves once the condition is true', async () => {
    let checks = 0;
    await waitFor(async () => ++checks === 3);
    expect(checks).to.equal(3);
  });

  it('rejects with the condition and the state when the time is up', async () => {
    const ready = false;
    const error = await waitFor(
      () => ready,
      20,
      () => ({ ready }),
    ).catch((thrown: Error) => thrown);
    expect(error).to.be.instanceOf(Error).with.property('message');
    expect((error as Error).message).to.match(/within 20 ms.*ready\n\{"ready":false\}/);
  });
});
