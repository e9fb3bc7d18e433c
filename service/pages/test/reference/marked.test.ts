import { expect } from 'chai';
import { splitBlocks } from '../../src/reference/marked.tsx';

describe('splitBlocks', () => {
  it('joins the lines of a paragraph, and ends it at a blank line', () => {
    expect(splitBlocks('One\nline.\n\nAnother `one`.\n')).to.deep.equal([
      { isItem: false, text: 'One line.' },
      { isItem: false, text: 'Another `one`.' },
    ]);
  });

  it('begins an item at each line with a dash', () => {
    expect(splitBlocks('A list:\n- one\n  of two lines\n- two - or three')).to.deep.equal([
      { isItem: false, text: 'A list:' },
      { isItem: true, text: 'one of two lines' },
      { isItem: true, text: 'two - or three' },
    ]);
  });

  it('has no block for an empty text', () => {
    expect(splitBlocks('\n \n')).to.deep.equal([]);
  });
});
