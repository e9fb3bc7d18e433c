import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LatchkeyHealth } from '@latchkey/sdk-server';
import type { Credential } from '../../test-kit/client/plain-backend.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import { type AppOptions, appOptionsName, type Stopped } from './app-options.ts';

/** The app of `app.ts` in a process of its own. */
export interface AppProcess extends Pick<ServiceProcess, 'url' | 'port' | 'pid' | 'kill' | 'exited' | 'stop' | 'log'> {
  /** `isReady`: the promise `ready()` has resolved. */
  health(): Promise<LatchkeyHealth>;
  /** Resolves when `ready()` has. */
  ready(): Promise<void>;
  /** Status and `code` of the answer of a route guarded by the policy. */
  ask(token: string, policy?: 'allow' | 'deny'): Promise<string>;
  /** What it wrote when it stopped. */
  stopped(): Stopped;
}

/** The credential that the embedded service makes at its first start. */
export function developersCredential({ dataFolder }: Pick<ServiceProcess, 'dataFolder'>): Credential {
  return JSON.parse(readFileSync(join(dataFolder, 'backend.json'), 'utf8')) as Credential;
}

/**
 * Starts the app, with `more` in its environment, and waits until it listens. {@link AppProcess.ready} waits for its list of
 * ended sessions.
 *
 * @example
 * const app = await startApp(developersCredential(service), { latchkey: { url: service.url } });
 */
export async function startApp(
  { backend_id: backendId, backend_secret: backendSecret }: Credential,
  options: Omit<AppOptions, 'port' | 'latchkey'> & { latchkey: Omit<AppOptions['latchkey'], keyof CredentialOptions> },
  more: Readonly<Record<string, string>> = {},
): Promise<AppProcess> {
  const port = await freePort();
  const appOptions: AppOptions = { ...options, port, latchkey: { ...options.latchkey, backendId, backendSecret } };
  const env = { ...more, [appOptionsName]: JSON.stringify(appOptions) };
  const { url, pid, kill, exited, stop, log } = await startService({ entry: 'test/link/app.ts', port, env });
  const health = async () => (await fetch(`${url}/health`).then((answer) => answer.json())) as LatchkeyHealth;
  await waitFor(() => health().then(Boolean, () => false), 20_000, log);
  return Object.freeze<AppProcess>({
    ...{ url, port, pid, kill, exited, stop, log, health },
    ready: () => waitFor(async () => (await health()).isReady, 20_000),
    async ask(token, policy = 'allow') {
      const path = policy === 'deny' ? '/strict' : '/';
      const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const { code = '' } = (await answer.json()) as { code?: string };
      return `${answer.status} ${code}`.trim();
    },
    stopped: () => JSON.parse(lastJsonLine(log())) as Stopped,
  });
}

/** The app's own lines stand among those of its log. */
const lastJsonLine = (log: string) => log.split('\n').findLast((line) => line.startsWith('{')) ?? '';

interface CredentialOptions {
  readonly backendId: string;
  readonly backendSecret: string;
}
