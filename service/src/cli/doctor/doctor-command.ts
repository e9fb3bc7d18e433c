import type { Clock } from '@latchkey/core/internal';
import { formatFinding } from './format-finding.ts';
import { runDoctor } from './run-doctor.ts';

interface DoctorCommandDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** The standard output. */
  readonly output: { write(text: string): unknown };
}

interface DoctorOptions {
  /** Sends a test mail to this address. */
  readonly mail?: string | undefined;
  /** Prints the report as JSON, once all checks are done. */
  readonly json?: boolean | undefined;
}

/** `doctor`: prints what each check found. Returns the exit code: 1 if one failed, else 0. */
export async function runDoctorCommand(
  { mail, json = false }: DoctorOptions,
  { env, clock, output }: DoctorCommandDeps,
): Promise<number> {
  const report = await runDoctor({
    ...{ env, clock, mailTo: mail },
    onFinding: (finding) => json || output.write(formatFinding(finding)),
  });
  if (json) output.write(`${JSON.stringify(report, null, 2)}\n`);
  return report.ok ? 0 : 1;
}
