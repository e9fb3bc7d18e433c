import { expect } from 'chai';
import { inChunks } from '../../src/base/in-chunks.ts';

describe('inChunks', () => {
  it('divides a list in its order, the last chunk with the rest', () => {
    expect(inChunks([1, 2, 3, 4, 5], 2)).to.deep.equal([[1, 2], [3, 4], [5]]);
    expect(inChunks([1, 2], 2)).to.deep.equal([[1, 2]]);
  });

  it('has no chunk for an empty list', () => {
    expect(inChunks([], 2)).to.deep.equal([]);
  });
});
