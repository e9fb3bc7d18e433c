import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  callProofs,
  clientProofs,
  sessionProofs,
  stopProofs,
  transactionProofs,
} from './from-zerv-core/runtime-proofs.ts';
import { absentProofs, optionProofs, type Proofs, serverProofs } from './from-zerv-core/server-proofs.ts';
import { createStage, hostOfOneProcess, hostOverLink, type Stage } from './from-zerv-core/stage.ts';

/** The section of the page, and what runs each of its rows. Those that stop the application are the last. */
const sections: Readonly<Record<string, Proofs>> = {
  Servers: serverProofs,
  Options: optionProofs,
  'The call': callProofs,
  'User sessions': sessionProofs,
  'Transactions and changes': transactionProofs,
  'The client': clientProofs,
  'Not here': absentProofs,
  Stopping: stopProofs,
};

/** The names in the first column of a section's table. */
function rowsOf(title: string): string[] {
  const page = readFileSync('docs/from/zerv-core.md', 'utf8');
  const [, section = ''] = page.split(`\n## ${title}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name!);
}

describe('docs/from/zerv-core.md', () => {
  it('has a test for each row, and a row for each test', () => {
    const titles = [...readFileSync('docs/from/zerv-core.md', 'utf8').matchAll(/^## (.+)$/gm)].map(
      ([, title]) => title!,
    );
    expect(titles).to.have.members(Object.keys(sections));
    for (const [title, proofs] of Object.entries(sections))
      expect(Object.keys(proofs), title).to.have.members(rowsOf(title));
  });

  for (const [where, open] of Object.entries({ 'in one process': hostOfOneProcess, 'over a link': hostOverLink })) {
    describe(where, function () {
      this.timeout(20_000);
      let stage: Stage | undefined;
      before(async function () {
        this.timeout(60_000);
        stage = await createStage(open);
      });
      after(() => stage?.end());

      for (const [title, proofs] of Object.entries(sections))
        for (const [row, prove] of Object.entries(proofs))
          it(`${title}: ${row}`, async () => void (await prove(stage!)));
    });
  }
});
