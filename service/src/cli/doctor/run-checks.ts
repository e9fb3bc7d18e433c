import { describeConnectionError } from '../connection-error.ts';
import { type Finding, failed, skipped } from './finding.ts';

/** A row of the table of checks. */
export interface Check<Subject> {
  /** The code in the report and in docs/run/doctor.md. */
  readonly name: string;
  /** Checks that have to pass before this one. They are earlier in the table. */
  readonly needs?: readonly string[];
  /** Why the check does not apply; `undefined`: it does. */
  readonly skip?: (subject: Subject) => string | undefined;
  readonly run: (subject: Subject) => Promise<Finding>;
}

/** A finding with the name of its check. */
export interface NamedFinding extends Finding {
  readonly check: string;
}

/**
 * Runs the checks in their order. A check whose condition is not met is skipped, and one that throws has failed.
 *
 * @param onFinding is called with each finding as soon as it is there
 * @example
 * const findings = await runChecks([{ name: 'database', run: checkDatabase }], subject);
 */
export async function runChecks<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
  onFinding: (finding: NamedFinding) => void = () => {},
): Promise<readonly NamedFinding[]> {
  const findings: NamedFinding[] = [];
  /** Checks that failed, or that were not made because of one. One that does not apply stops no other. */
  const unmet = new Set<string>();
  for (const check of checks) {
    const missing = check.needs?.find((name) => unmet.has(name));
    const reason = check.skip?.(subject) ?? (missing && `the check ${missing} has to be ok first`);
    const finding = { check: check.name, ...(reason ? skipped(reason) : await runCheck(check, subject)) };
    if (finding.outcome === 'failed' || missing !== undefined) unmet.add(check.name);
    findings.push(finding);
    onFinding(finding);
  }
  return findings;
}

async function runCheck<Subject>({ run }: Check<Subject>, subject: Subject): Promise<Finding> {
  try {
    return await run(subject);
  } catch (error) {
    return failed(
      `the check ended with an error: ${describeConnectionError(error)}`,
      'remove the cause of the error, and repeat',
    );
  }
}
