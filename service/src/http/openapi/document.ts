import * as contractSchemas from '@latchkey/contract/schemas';
import type { z } from 'zod';
import { type JsonSchema, keepReferenced, namedSchemas, toJsonSchemas } from '../../base/json-schema.ts';
import type { HttpRoute } from '../route.ts';
import { errorComponents, errorExamples, errorSchemas } from './error-responses.ts';
import { headers } from './headers.ts';
import { createOperation, type SchemaReferences } from './operation.ts';
import { securitySchemes } from './security.ts';
import { tags } from './tags.ts';

interface DocumentOptions {
  /** Where the API is served: an origin. */
  readonly serverUrl: string;
  /** Of the service. */
  readonly version: string;
}

/** An OpenAPI document, as far as the service itself reads it. */
interface OpenApiDocument {
  readonly openapi: string;
  readonly [member: string]: unknown;
}

/** Describes the routes as an OpenAPI 3.1 document. */
export function createOpenApiDocument(
  routes: readonly HttpRoute[],
  { serverUrl, version }: DocumentOptions,
): OpenApiDocument {
  const { components, ...schemas } = convertSchemas(routes);
  const paths = toPaths(routes, schemas);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Latchkey',
      version,
      description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl }],
    tags,
    paths,
    components: {
      securitySchemes,
      ...keepReferenced({ headers, responses: errorComponents, examples: errorExamples, schemas: components }, paths),
    },
  };
}

const description = [
  'Sign-in, sessions and tokens over HTTP. The document of the sockets is `/asyncapi.json`.',
  '',
  'Refusals are `application/problem+json` (RFC 9457), at `/oauth/` as RFC 6749 says. Clients switch on `code`. A hook of the',
  'host can answer with any code. Times are ISO 8601, `expires_in` is in seconds, `now` and `asked_at` are in milliseconds of',
  "the database's clock.",
].join('\n');

/** `/sessions/:id` is `/sessions/{id}` here. */
function toPaths(routes: readonly HttpRoute[], schemas: SchemaReferences): Readonly<Record<string, object>> {
  const toTemplate = ({ path }: HttpRoute) => path.replaceAll(/:(\w+)/g, '{$1}');
  const operationsAt = (path: string) =>
    routes
      .filter((route) => toTemplate(route) === path)
      .map((route) => [route.method.toLowerCase(), createOperation(route, schemas)] as const);
  const templates = new Set(routes.map(toTemplate));
  return Object.fromEntries([...templates].map((path) => [path, Object.fromEntries(operationsAt(path))]));
}

const named = { ...errorSchemas, ...namedSchemas(contractSchemas) };

function convertSchemas(routes: readonly HttpRoute[]): SchemaReferences & {
  readonly components: Readonly<Record<string, JsonSchema>>;
} {
  const isSchema = (schema: z.ZodType | undefined) => schema !== undefined;
  const inputs = routes.flatMap(({ body, query, params }) => [body, query, params].filter(isSchema));
  const outputs = routes.flatMap(({ response, status }) => [
    ...(typeof status === 'number' ? [response] : Object.values(status.answers)),
  ]);
  const input = toJsonSchemas(named, inputs, { direction: 'input' });
  const output = toJsonSchemas(named, outputs, { direction: 'output' });
  return { input: input.of, output: output.of, components: { ...input.components, ...output.components } };
}
