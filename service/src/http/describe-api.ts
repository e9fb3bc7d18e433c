import { paths } from '@latchkey/contract';
import type { Config } from '../config/config.ts';
import type { HttpAppDeps } from './deps.ts';
import { withDocuments } from './endpoints/api-documents.ts';
import { createRoutes, type RouteDeps } from './routes.ts';

/** The rows are read, and never called. */
const notCalled = {} as Omit<RouteDeps, 'config'> & Pick<HttpAppDeps, 'describeSockets'>;

/**
 * Returns the OpenAPI 3.1 document of the HTTP API, as the service serves it at `/openapi.json`. A host that mounts the API
 * (`apiServe`, `infraServe`) can serve it under a path of its own.
 *
 * @param config `publicUrl`: origin of the API · `requirePkce`: as the setting. Default: true
 * @example
 * router.get('/api.json', (ctx) => {
 *   ctx.body = describeHttpApi({ publicUrl: 'https://app.example' });
 * });
 */
export function describeHttpApi({
  publicUrl,
  requirePkce = true,
}: Pick<Config, 'publicUrl'> & Partial<Pick<Config, 'requirePkce'>>): object {
  const config = { publicUrl, issuer: publicUrl, production: true, requirePkce, appUrls: [] };
  const routes = withDocuments(createRoutes({ ...notCalled, config }), { ...notCalled, config });
  const document = routes.find(({ path }) => path === paths.openApi)!;
  return document.handle(undefined as never) as object;
}
