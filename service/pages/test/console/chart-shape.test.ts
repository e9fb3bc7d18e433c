import { expect } from 'chai';
import * as fc from 'fast-check';
import { chartHeight, chartWidth, shapeOf, topOf } from '../../src/console/chart-shape.ts';

const minute = (rotations: number, logins: number) => ({ at: '2026-03-01T12:00:00Z', rotations, logins });

describe('topOf', () => {
  const cases: [number, number][] = [
    [0, 1],
    [1, 1],
    [3, 5],
    [10, 10],
    [11, 20],
    [51, 100],
    [1_001, 2_000],
  ];
  for (const [most, top] of cases) it(`${most} fits below ${top}`, () => expect(topOf(most)).to.equal(top));
});

describe('shapeOf', () => {
  it('draws an hour without anything flat, and none at all as nothing', () => {
    const { top, bars, line } = shapeOf([minute(0, 0), minute(0, 0)]);
    expect([top, bars.map(({ height }) => height), line]).to.deep.equal([1, [0, 0], '150,140 450,140']);
    expect(shapeOf([]).bars).to.deep.equal([]);
  });

  it('never draws outside, and taller for more', () => {
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 60 }), (pairs) => {
        const { bars, line } = shapeOf(pairs.map(([rotations, logins]) => minute(rotations, logins)));
        for (const { x, y, width, height } of bars) {
          expect(Math.min(x, y, width, height)).to.be.at.least(-1e-9);
          expect(x + width).to.be.at.most(chartWidth);
          expect(y + height).to.be.closeTo(chartHeight, 1e-9);
        }
        expect(line.split(' ').length).to.equal(pairs.length);
        const most = Math.max(...pairs.map(([rotations]) => rotations));
        const tallest = Math.max(...bars.map(({ height }) => height));
        expect(bars[pairs.findIndex(([rotations]) => rotations === most)]?.height).to.equal(tallest);
      }),
    );
  });
});
