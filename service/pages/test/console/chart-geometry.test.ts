import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  chartHeight,
  chartWidth,
  completeMinutes,
  scaleTop,
  toBars,
  toPolylines,
} from '../../src/console/chart-geometry.ts';

describe('scaleTop', () => {
  const cases: [number, number][] = [
    [0, 1],
    [1, 1],
    [3, 5],
    [10, 10],
    [11, 20],
    [51, 100],
    [1_001, 2_000],
  ];
  for (const [most, top] of cases) it(`is ${top} for a maximum of ${most}`, () => expect(scaleTop(most)).to.equal(top));
});

describe('toBars', () => {
  it('returns bars without height for an hour of zeros, and none for no minutes', () => {
    expect(toBars([0, 0], 1).map(({ height }) => height)).to.deep.equal([0, 0]);
    expect(toBars([], 1)).to.deep.equal([]);
  });

  it('keeps bars inside of the chart, and taller for greater numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 60 }), (counts) => {
        const most = Math.max(...counts);
        const bars = toBars(counts, scaleTop(most));
        for (const { x, y, width, height } of bars) {
          expect(Math.min(x, y, width, height)).to.be.at.least(-1e-9);
          expect(x + width).to.be.at.most(chartWidth);
          expect(y + height).to.be.closeTo(chartHeight, 1e-9);
        }
        expect(bars[counts.indexOf(most)]?.height).to.equal(Math.max(...bars.map(({ height }) => height)));
      }),
    );
  });
});

describe('toPolylines', () => {
  it('has a point in the middle of each minute', () => {
    expect(toPolylines([0, 1], 1)).to.deep.equal(['150,140 450,0']);
    expect(toPolylines([], 1)).to.deep.equal([]);
  });

  it('has a gap at a minute without a count, and shows a single minute between two gaps', () => {
    expect(toPolylines([null, 2, null, null, 1, 2], 2)).to.deep.equal(['100,0 200,0', '450,70 550,0']);
    expect(toPolylines([null, null], 1)).to.deep.equal([]);
  });
});

describe('completeMinutes', () => {
  it('leaves out the current minute, which is the last one', () => {
    expect(completeMinutes([3, 2, 0])).to.deep.equal([3, 2, null]);
    expect(completeMinutes([])).to.deep.equal([]);
  });
});
