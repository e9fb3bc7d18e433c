import { expect } from 'chai';
import { createInteraction } from '../../src/platform/interaction.ts';
import { createOnline } from '../../src/platform/online.ts';
import { SpyTarget } from '../harness/spy-target.ts';

const table = [
  ['createOnline', createOnline, ['online']],
  ['createInteraction', createInteraction, ['pointerdown', 'keydown', 'wheel']],
] as const;

for (const [name, create, events] of table) {
  describe(name, () => {
    it(`hears ${events.join(', ')}, and listens only while somebody listens to it`, () => {
      const window = new SpyTarget();
      const source = create(window);
      expect(window.listening).to.equal(0);
      let heard = 0;
      const remove = source.subscribe(() => {
        heard += 1;
      });
      for (const event of events) window.dispatchEvent(new Event(event));
      expect(heard).to.equal(events.length);
      remove();
      expect(window.listening).to.equal(0);
      create().subscribe(() => {})();
    });
  });
}
