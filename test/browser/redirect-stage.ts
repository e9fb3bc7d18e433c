import { freePort } from '../../test-kit/free-port.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';
import { buildPages } from '../pages/site.ts';
import { type RedirectApp, serveRedirectApp } from './redirect-app.ts';

/** A service and an app of another origin that signs in with it by redirect. */
export interface RedirectStage {
  readonly service: ServiceProcess;
  readonly serviceUrl: string;
  readonly app: RedirectApp;
  stop(): Promise<void>;
}

interface RedirectStageOptions {
  /** Names under which browsers reach the service and the app. */
  readonly serviceHost: string;
  readonly appHost?: string;
  /** Addresses to which a sign-in may return; those without an origin are of the app. */
  readonly appUrls: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * @example
 * const stage = await startRedirectStage({ serviceHost: 'localhost', appUrls: ['/in'] });
 */
export async function startRedirectStage(options: RedirectStageOptions): Promise<RedirectStage> {
  const [port, appPort] = [await freePort(), await freePort()];
  const serviceUrl = `http://${options.serviceHost}:${port}`;
  const app = await serveRedirectApp(serviceUrl, appPort, options.appHost);
  const env = {
    LATCHKEY_PUBLIC_URL: serviceUrl,
    LATCHKEY_ALLOWED_ORIGINS: app.url,
    LATCHKEY_APP_URLS: options.appUrls.map((url) => new URL(url, app.url).href).join(','),
    ...options.env,
  };
  const [service] = await Promise.all([startService({ port, env }), buildPages()]);
  await service.ready();
  return Object.freeze<RedirectStage>({
    service,
    serviceUrl,
    app,
    async stop() {
      await app.close();
      await service.stop();
    },
  });
}
