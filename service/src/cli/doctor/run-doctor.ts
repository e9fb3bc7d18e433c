import type { Clock } from '@latchkey/core/internal';
import { type Config, createConfig } from '../../config/config.ts';
import { ConfigError } from '../../config/env.ts';
import { checks } from './checks.ts';
import { failed, ok, skipped } from './finding.ts';
import { type NamedFinding, runChecks } from './run-checks.ts';
import { createSubject } from './subject.ts';

/** What `doctor` found. */
interface DoctorReport {
  /** No check failed. Warnings do not count. */
  readonly ok: boolean;
  readonly findings: readonly NamedFinding[];
}

interface DoctorDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Sends a test mail to this address. Absent: no mail is sent. */
  readonly mailTo?: string | undefined;
  /** Called with each finding as soon as it is there. */
  readonly onFinding?: (finding: NamedFinding) => void;
}

/**
 * Examines the installation that these settings belong to: settings, database, public URL, proxy and mail server. It only
 * reads, except for the test mail that is asked for, so that it may run beside nodes in production.
 *
 * @example
 * const { ok, findings } = await runDoctor({ env: processEnv(), clock });
 */
export async function runDoctor({ env, clock, mailTo, onFinding = () => {} }: DoctorDeps): Promise<DoctorReport> {
  const { config, finding } = readConfig(env);
  const settings = { check: 'settings', ...finding };
  onFinding(settings);
  const rest = config === undefined ? skipAll(onFinding) : await examine({ config, clock, mailTo }, onFinding);
  const findings = [settings, ...rest];
  return { ok: findings.every(({ outcome }) => outcome !== 'failed'), findings };
}

async function examine(
  given: Parameters<typeof createSubject>[0],
  onFinding: (finding: NamedFinding) => void,
): Promise<readonly NamedFinding[]> {
  const subject = createSubject(given);
  try {
    return await runChecks(checks, subject, onFinding);
  } finally {
    await subject.close();
  }
}

function readConfig(env: DoctorDeps['env']) {
  try {
    return { config: createConfig(env), finding: ok('the settings can be used') } satisfies {
      config: Config;
      finding: object;
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const mistakes = error.message.replaceAll('\n', ' ');
    return {
      config: undefined,
      finding: failed(mistakes, 'correct these settings, as docs/reference/config.md describes them'),
    };
  }
}

function skipAll(onFinding: (finding: NamedFinding) => void): readonly NamedFinding[] {
  const findings = checks.map(({ name }) => ({ check: name, ...skipped('the check settings has to be ok first') }));
  for (const finding of findings) onFinding(finding);
  return findings;
}
