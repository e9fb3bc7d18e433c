import { expect } from 'chai';
import { createFocus } from '../../src/platform/focus.ts';
import { SpyTarget } from '../harness/spy-target.ts';

describe('createFocus', () => {
  it('tells when the page is shown again, and listens only while somebody listens to it', () => {
    const document = new SpyTarget();
    const window = new SpyTarget();
    const focus = createFocus(document, window);
    expect(document.listening + window.listening).to.equal(0);
    let shown = 0;
    const remove = focus.subscribe(() => {
      shown += 1;
    });
    const removeOther = focus.subscribe(() => {});
    expect([document.listening, window.listening]).to.deep.equal([1, 1]);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(shown).to.equal(0);
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new Event('pageshow'));
    expect(shown).to.equal(2);
    remove();
    remove();
    expect(document.listening).to.equal(1);
    removeOther();
    expect(document.listening + window.listening).to.equal(0);
  });
  it('does no harm outside a browser', () => {
    createFocus().subscribe(() => {})();
  });
});
