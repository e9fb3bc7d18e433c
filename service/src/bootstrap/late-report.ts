import type { Tokens } from '../domain/token/tokens.ts';
import type { Job } from './job-runner.ts';

/** The share of presentations that may be late without a log line. */
const maxLateShare = 0.01;

/** One line for each minute in which more than 1 % of the presentations at this node came after their deadline. */
export function lateReport(
  tokens: Pick<Tokens, 'takeLateness'>,
  log: { warn(fields: object, message: string): void },
): Job {
  return {
    name: 'report late presentations',
    everyMs: 60_000,
    async run() {
      const { presented, late } = tokens.takeLateness();
      if (late <= presented * maxLateShare) return;
      log.warn(
        { late, presented },
        'presentations of session tokens were carried out more than 5 s after they were asked for, and answered busy; check the load of the database and of this node',
      );
    },
  };
}
