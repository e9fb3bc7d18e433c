import { expect } from 'chai';
import { printPages, toTabSeparated, writeJsonPages } from '../../src/cli/print.ts';
import { createMemory } from './stage.ts';

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

describe('printPages', () => {
  const columns = ['id'];

  /** What is written after each page of two, before the next one is read. The last page cannot be read. */
  async function print(isJson: boolean) {
    const seen: string[] = [];
    const stdout = createMemory();
    async function* pages() {
      for (const id of ['1', '2']) {
        yield [{ id }];
        seen.push(stdout.text());
      }
      throw new Error('the connection is lost');
    }
    const failure = await printPages({ stdout, isJson: () => isJson }, pages(), columns).catch((error) => error);
    expect(failure).to.be.instanceOf(Error);
    return { seen, out: stdout.text() };
  }

  it('writes text page by page', async () => {
    expect((await print(false)).seen).to.deep.equal(['id\n1\n', 'id\n1\n2\n']);
  });

  it('writes no part of a document of JSON', async () => {
    expect(await print(true)).to.deep.equal({ seen: ['', ''], out: '' });
  });
});

describe('a list whose reader has ended', () => {
  /** Pages without an end, and how many were read. */
  function createPages() {
    let read = 0;
    const pages = (async function* () {
      for (;;) {
        read += 1;
        yield [{ id: read }];
      }
    })();
    return { pages, read: () => read };
  }

  for (const code of ['EPIPE', 'ENOSPC'])
    it(`is read no further: ${code}`, async () => {
      const broken = () => createMemory(1, { code, isReaderClosed: code === 'EPIPE' });
      const list = createPages();
      await printPages({ stdout: broken(), isJson: () => false }, list.pages, ['id']);
      const exported = createPages();
      await writeJsonPages(broken(), exported.pages);
      expect([list.read(), exported.read()]).to.deep.equal([2, 2]);
    });
});
