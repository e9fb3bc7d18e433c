import { runComparison } from './comparison.ts';
import { plans } from './plans.ts';
import { type Summary, summarize } from './summary.ts';
import { formatTable } from './table.ts';

const rounds = 5;

/** Runs `npm run bench` or `npm run bench -- <row>…`: prints one table with medians of five rounds. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !plans.some((plan) => plan.name === name));
  if (unknown.length > 0)
    throw new Error(`no row ${unknown.join(', ')}; rows: ${plans.map((plan) => plan.name).join(', ')}`);
  const summaries: Summary[] = [];
  for (const plan of plans.filter(({ name }) => names.length === 0 || names.includes(name))) {
    process.stderr.write(`${plan.name} …\n`);
    const samples = await runComparison(plan, rounds);
    process.stderr.write(`${JSON.stringify({ name: plan.name, ...samples })}\n`);
    summaries.push(...summarize(plan.metrics, [samples]));
  }
  process.stdout.write(`${formatTable(summaries)}\n`);
}

await main(process.argv.slice(2));
// The harness does not stop its Postgres. It ends with this process.
process.exit();
