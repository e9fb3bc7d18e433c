import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { makePng } from '../../../../test-kit/png.ts';
import { brandBackground, colourMistake, contrastRatio } from '../../../src/domain/tenant/brand.ts';
import { maxLogoBytes, readLogo } from '../../../src/domain/tenant/logo.ts';

describe('contrastRatio', () => {
  const cases: [string, string, number][] = [
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#000000', 21],
    ['#767676', '#ffffff', 4.54],
    ['#1f4fd8', '#1f4fd8', 1],
  ];
  for (const [one, other, ratio] of cases)
    it(`is ${ratio} for ${one} and ${other}`, () => expect(contrastRatio(one, other)).closeTo(ratio, 0.01));
});

describe('colourMistake', () => {
  it('accepts colours that can be read on the background of the pages', () => {
    for (const colour of ['#1f4fd8', '#000000', '#8a1c1c']) expect(colourMistake(colour)).equal(undefined);
  });

  it('refuses colours that are too light, and says by how much', () => {
    expect(colourMistake('#767676')).match(/^has a contrast of 4\.1\d:1 .* 4\.5:1$/);
    expect(colourMistake('#ffd700')).include('use a darker one');
  });

  it('refuses what is not such a colour', () => {
    for (const text of ['red', '#fff', '#1F4FD8', '#1f4fd8;x:y', 'url(x)', ''])
      expect(colourMistake(text)).equal('has to be a colour such as #1f4fd8');
  });

  it('compares with the background that the pages have', () => {
    const styles = readFileSync(new URL('../../../pages/src/styles.css', import.meta.url), 'utf8');
    expect(/--ground: (#[\da-f]{6});/.exec(styles)?.[1]).equal(brandBackground);
  });
});

/** A WebP file with this first chunk. */
function webp(chunk: string, data: readonly number[]): Buffer {
  const body = Buffer.concat([
    Buffer.from(`WEBP${chunk}`, 'latin1'),
    Buffer.alloc(4),
    Buffer.from(data),
    Buffer.alloc(8),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from('RIFF'), size, body]);
}

describe('readLogo', () => {
  const good: [string, Buffer, object][] = [
    ['a PNG', makePng(320, 80), { type: 'png', width: 320, height: 80 }],
    ['a lossy WebP', webp('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 80, 0]), { type: 'webp', width: 320, height: 80 }],
    ['a lossless WebP', webp('VP8L', [0x2f, 0x3f, 0xc1, 0x13, 0]), { type: 'webp', width: 320, height: 80 }],
    ['an extended WebP', webp('VP8X', [0, 0, 0, 0, 0x3f, 1, 0, 79, 0, 0]), { type: 'webp', width: 320, height: 80 }],
  ];
  for (const [name, bytes, format] of good)
    it(`reads type and size of ${name}`, () => expect(readLogo(bytes)).eql(format));

  const png = makePng(320, 80);
  const other = 'is no PNG or WebP image, or not all of one';
  const bad: [string, Buffer, string][] = [
    ['nothing', Buffer.alloc(0), other],
    ['a PNG that ends early', png.subarray(0, -1), other],
    ['a PNG with something behind it', Buffer.concat([png, Buffer.from('<script>')]), other],
    ['a PNG without a header', Buffer.concat([png.subarray(0, 8), png.subarray(33)]), other],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'.repeat(3)), other],
    ['a GIF', Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(60)]), other],
    ['a WebP of another size than it says', Buffer.concat([webp('VP8X', Array(10).fill(1)), Buffer.alloc(1)]), other],
    ['a WebP with an unknown chunk', webp('toString', Array(10).fill(1)), other],
    ['an image without an area', makePng(0, 80), 'has sides of more than 2048 pixels, or of none'],
    ['an image that is too wide', makePng(2_049, 1), 'has sides of more than 2048 pixels, or of none'],
    ['a large file', Buffer.concat([Buffer.alloc(maxLogoBytes), png]), 'has more than 65536 bytes'],
  ];
  for (const [name, bytes, mistake] of bad) it(`refuses ${name}`, () => expect(readLogo(bytes)).equal(mistake));
});
