import { expect } from 'chai';
import { onInteraction } from '../../src/platform/interaction.ts';
import { onOnline } from '../../src/platform/online.ts';
import { SpyTarget } from '../harness/spy-target.ts';

const table = [
  ['onOnline', onOnline, ['online']],
  ['onInteraction', onInteraction, ['pointerdown', 'keydown', 'wheel']],
] as const;

for (const [name, listen, events] of table) {
  describe(name, () => {
    it(`calls the listener at ${events.join(', ')}, until it is removed`, () => {
      const window = new SpyTarget();
      let received = 0;
      const remove = listen(() => {
        received += 1;
      }, window);
      for (const event of events) window.dispatchEvent(new Event(event));
      expect(received).to.equal(events.length);
      remove();
      expect(window.listening).to.equal(0);
      listen(() => {})();
    });
  });
}
