import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { causes } from '@latchkey/core';
import { serviceCauses } from '@latchkey/service';
import { expect } from 'chai';

const folder = 'test/troubleshooting';
const page = readFileSync('docs/run/troubleshooting.md', 'utf8');

/** The rows of all tables: the code, and the text of the whole row. */
const rows = [...page.matchAll(/^\| `(\w+)` \|.*$/gm)].map(([text, code]) => ({ code: code!, text }));

/** Codes of tests, which are called `code: the mistake`. */
const tested = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/\bit\(\s*['`"](\w+): /g)])
  .map(([, code]) => code!);

describe('docs/run/troubleshooting.md', () => {
  it('has a test in test/troubleshooting for each row, and one row for each test', () => {
    const codes = rows.map(({ code }) => code);
    expect(codes.length).to.be.at.least(8);
    expect([...new Set(codes)].sort()).to.deep.equal([...codes].sort());
    expect([...new Set(tested)].sort()).to.deep.equal([...codes].sort());
  });

  it('names each cause of a backend and of the service, and its setting', () => {
    for (const [code, { setting }] of Object.entries({ ...causes, ...serviceCauses })) {
      const row = rows.find((one) => one.code === code);
      expect(row?.text, code).to.include(setting);
    }
  });
});
