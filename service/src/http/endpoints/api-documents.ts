import { paths } from '@latchkey/contract';
import { z } from 'zod';
import { readPackageVersion } from '../../base/package-version.ts';
import type { HttpAppDeps, HttpConfig } from '../deps.ts';
import { createOpenApiDocument } from '../openapi/document.ts';
import { type HttpRoute, publicRoute } from '../route.ts';
import { anyQuery } from './schemas.ts';

const openApiResponse = z.looseObject({ openapi: z.string() });
const asyncApiResponse = z.looseObject({ asyncapi: z.string() });

interface DocumentDeps extends Pick<HttpAppDeps, 'describeSockets'> {
  readonly config: Pick<HttpConfig, 'publicUrl'>;
}

/** The routes, and those that serve the documents of all of them and of the sockets. Each document is made when it is first read. */
export function withDocuments(
  routes: readonly HttpRoute[],
  { config: { publicUrl }, describeSockets }: DocumentDeps,
): readonly HttpRoute[] {
  const document = { query: anyQuery, cache: 'public, max-age=60' } as const;
  let openApi: z.output<typeof openApiResponse> | undefined;
  let asyncApi: z.output<typeof asyncApiResponse> | undefined;
  const all: readonly HttpRoute[] = [
    ...routes,
    publicRoute('GET', paths.openApi, {
      operationId: 'getOpenApiDocument',
      summary: 'Returns this document (OpenAPI 3.1)',
      ...document,
      response: openApiResponse,
      handle: () => {
        openApi ??= createOpenApiDocument(all, { serverUrl: publicUrl, version: readPackageVersion() });
        return openApi;
      },
    }),
    publicRoute('GET', paths.asyncApi, {
      operationId: 'getAsyncApiDocument',
      summary: 'Returns the document of the sockets (AsyncAPI 3.0)',
      ...document,
      response: asyncApiResponse,
      handle: () => {
        asyncApi ??= describeSockets({ publicUrl });
        return asyncApi;
      },
    }),
  ];
  return all;
}
