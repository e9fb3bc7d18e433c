import { expect } from 'chai';
import { onVisible } from '../../src/platform/visibility.ts';
import { SpyTarget } from '../harness/spy-target.ts';

describe('onVisible', () => {
  it('calls the listener when the page becomes visible, until it is removed', () => {
    const document = new SpyTarget();
    const window = new SpyTarget();
    let shown = 0;
    const remove = onVisible(
      () => {
        shown += 1;
      },
      document,
      window,
    );
    expect([document.listening, window.listening]).to.deep.equal([1, 1]);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(shown).to.equal(0);
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new Event('pageshow'));
    expect(shown).to.equal(2);
    remove();
    expect(document.listening + window.listening).to.equal(0);
  });
  it('does nothing outside a browser', () => {
    onVisible(() => {})();
  });
});
