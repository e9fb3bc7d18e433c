import { expect } from 'chai';
import { createLatchkey, type LatchkeyOptions } from '../src/index.ts';

describe('options of createLatchkey', () => {
  it('refuses an unknown one with a TypeError that names the nearest right one', () => {
    const options = { url: 'http://127.0.0.1:9', backendId: 'b', backendSecret: 's', Policy: 'deny' };
    expect(() => createLatchkey(options as LatchkeyOptions)).to.throw(
      TypeError,
      'createLatchkey: Policy is not an option; did you mean policy?',
    );
  });

  it('refuses what is no object', () => {
    expect(() => createLatchkey(undefined as unknown as LatchkeyOptions)).to.throw(TypeError, 'object of options');
  });
});
