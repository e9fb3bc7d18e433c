import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import type { JsonSchema } from '../../base/json-schema.ts';
import type { HttpRoute } from '../route.ts';
import { errorResponses } from './error-responses.ts';
import { proofParameter, successHeaders, takesProof } from './headers.ts';
import { securityOf } from './security.ts';
import { tagOf } from './tags.ts';

/** Converts schemas of requests and of answers. */
export interface SchemaReferences {
  readonly input: (schema: z.ZodType) => JsonSchema;
  readonly output: (schema: z.ZodType) => JsonSchema;
}

/** The Operation Object of a route. */
export function createOperation(route: HttpRoute, schemas: SchemaReferences): object {
  const { operationId, summary, path, auth } = route;
  const parameters = [
    ...toParameters('path', route.params, schemas),
    ...toParameters('query', route.query, schemas),
    ...(takesProof(route) ? [proofParameter] : []),
  ];
  return {
    operationId,
    summary,
    tags: [tagOf(path)],
    security: securityOf[auth],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: toRequestBody(route, schemas.input(route.body)) }),
    // Readiness is answered, not refused, with 503.
    responses: { ...errorResponses(route), ...successResponses(route, schemas) },
  };
}

function toParameters(place: 'path' | 'query', schema: z.ZodType | undefined, { input }: SchemaReferences): object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = input(schema) as {
    properties?: Record<string, JsonSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    ...(place === 'path' || required.includes(name) ? { required: true } : {}),
    schema: property,
  }));
}

/** Lists in a form are one field. */
const formEncoding = { also_rotation_keys: { style: 'spaceDelimited', explode: false } };

function toRequestBody({ accepts, path }: HttpRoute, schema: JsonSchema): object {
  const json = { 'application/json': { schema } };
  // Without a body it is `{}`.
  const isOptional = schema.type === 'object' && schema.required === undefined;
  if (accepts === 'json') return { ...(isOptional ? {} : { required: true }), content: json };
  const encoding = path === '/oauth/token' ? { encoding: formEncoding } : {};
  return { required: true, content: { 'application/x-www-form-urlencoded': { schema, ...encoding }, ...json } };
}

type Responses = Readonly<Record<number, object>>;

function successResponses(route: HttpRoute, { output }: SchemaReferences): Responses {
  const { status, response, isImage } = route;
  const answers = typeof status === 'number' ? { [status]: response } : status.answers;
  return Object.fromEntries(
    Object.entries(answers).map(([code, schema]) => [
      code,
      {
        description: STATUS_CODES[code] ?? '',
        headers: successHeaders(route),
        content: isImage ? imageContent : { 'application/json': { schema: output(schema) } },
      },
    ]),
  );
}

const imageContent = { 'image/png': {}, 'image/webp': {} };
