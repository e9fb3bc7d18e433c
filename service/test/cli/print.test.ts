import { expect } from 'chai';
import { toTabSeparated } from '../../src/cli/print.ts';

describe('toTabSeparated', () => {
  it('writes a list with its columns, one row a line, and without control characters', () => {
    const rows = [{ id: '1', email: 'ann@example.org', name: 'A\tB\nC', operator: false, more: {} }];
    expect(toTabSeparated(rows, ['id', 'name', 'operator', 'disabled_at'])).to.equal(
      'id\tname\toperator\tdisabled_at\n1\tA B C\tfalse\t-\n',
    );
    expect(toTabSeparated([], ['id'])).to.equal('id\n');
  });

  it('writes anything else with one member a line', () => {
    expect(toTabSeparated({ id: 'shop', locale: null, allowed_domains: ['a'] })).to.equal(
      'id\tshop\nlocale\t-\nallowed_domains\t["a"]\n',
    );
  });
});
