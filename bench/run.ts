import type { ComparisonPlan, Samples } from './comparison.ts';
import { parseBenchArguments } from './parse-bench-arguments.ts';
import type { PlanHostCalls } from './plan-host.ts';
import { plans } from './plans.ts';
import { summarize } from './summary.ts';
import { formatTable } from './table.ts';
import { startWorker } from './worker.ts';

/** Runs `npm run bench -- [row…] [--runs N]`: measures all rows, or some, N times, and prints one table. */
async function main(args: readonly string[]): Promise<void> {
  const rows = plans.map((plan) => plan.name);
  const { names, runs } = parseBenchArguments(args, rows);
  const selected = plans.filter(({ name }) => names.length === 0 || names.includes(name));
  const samples: (readonly Samples[])[] = [];
  for (let run = 1; run <= runs; run++) samples.push(await measureAll(selected, run));
  const summaries = selected.flatMap(({ metrics }, index) =>
    summarize(
      metrics,
      samples.map((all) => all[index]!),
    ),
  );
  const details = await Promise.all(selected.flatMap((plan) => plan.details?.() ?? []));
  process.stdout.write(`${[formatTable(summaries), ...details].join('\n\n')}\n`);
}

/** Measures each comparison in one new process, and prints its samples as a line of JSON on standard error. */
async function measureAll(selected: readonly ComparisonPlan[], run: number): Promise<Samples[]> {
  const host = await startWorker<PlanHostCalls>(new URL('./plan-host.ts', import.meta.url), [
    '--conditions=@latchkey/source',
  ]);
  const all: Samples[] = [];
  for (const { name } of selected) {
    process.stderr.write(`run ${run}: ${name} …\n`);
    const samples = await host.call('measure', name);
    process.stderr.write(`${JSON.stringify({ run, name, ...samples })}\n`);
    all.push(samples);
  }
  await host.stop();
  return all;
}

await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
