import { type Clock, createPoller } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import type { Readiness } from '../ops/health.ts';
import type { ServiceLogger } from '../ops/logger.ts';

const retryMs = 1_000;

/**
 * Logs that a started service is ready. If it is not, logs the checks of `/health/ready` that fail, and the rest when it
 * has become ready.
 */
export async function logReadiness(
  readiness: () => Promise<Readiness>,
  { config, log, clock }: { config: Config; log: ServiceLogger; clock: Clock },
): Promise<void> {
  const { embedded, dataDir, publicUrl, port } = config;
  const where = embedded ? `its data is in ${dataDir}` : 'its data is in PostgreSQL';

  async function failingChecks(): Promise<readonly string[] | undefined> {
    const { ready, checks } = await readiness();
    if (!ready) return Object.keys(checks).filter((name) => !checks[name]);
    log.info({ url: publicUrl, port }, `ready: open ${publicUrl}, ${where}`);
    return undefined;
  }
  const poller = createPoller({
    async poll() {
      const failing = await failingChecks();
      // A service that is stopping does not become ready any more.
      if (failing === undefined || failing.includes('serving')) void poller.stop();
    },
    periodMs: retryMs,
    clock,
  });

  const failing = await failingChecks();
  // A service that is stopping says so itself.
  if (failing === undefined || failing.includes('serving')) return;
  log.error(
    { url: publicUrl, port, failing },
    `started, but not ready (${failing.join(', ')}): docs/run/operations.md`,
  );
  poller.start();
}
