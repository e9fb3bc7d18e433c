import { type ErrorCode, errorCodes, errors, fail, toProblem } from '@latchkey/contract';
import { oauthErrorSchema, toOAuthError } from '../middleware/oauth-error.ts';
import type { HttpRoute } from '../route.ts';
import { accessTokenErrors, errorCodesOf, unavailableErrors } from './error-codes.ts';
import { refusalHeaders } from './headers.ts';

const requestId = '6f2c1b1e-3d55-4c0f-9d3a-2b7f8c1e5a90';

/** The bodies of refusals: RFC 9457, and RFC 6749 at `/oauth/`. */
const formats = {
  problem: {
    mediaType: 'application/problem+json',
    schema: { $ref: '#/components/schemas/Problem' },
    exampleName: (code: ErrorCode) => code,
    example: (code: ErrorCode) => ({ status: errors[code].status, body: toProblem(fail(code), requestId) }),
  },
  oauth: {
    mediaType: 'application/json',
    schema: { $ref: '#/components/schemas/OAuthError' },
    exampleName: (code: ErrorCode) => `oauth_${code}`,
    example: (code: ErrorCode) => toOAuthError(fail(code), requestId),
  },
};

const formatOf = ({ path }: Pick<HttpRoute, 'path'>) => (path.startsWith('/oauth/') ? formats.oauth : formats.problem);

/** Schemas that the bodies refer to, beside those of the contract. */
export const errorSchemas = { OAuthError: oauthErrorSchema };

/** One example for each code and format, as components. */
export const errorExamples: Readonly<Record<string, object>> = Object.fromEntries(
  Object.values(formats).flatMap(({ exampleName, example }) =>
    errorCodes.map((code) => [exampleName(code), { summary: errors[code].message, value: example(code).body }]),
  ),
);

type Format = (typeof formats)[keyof typeof formats];

function toResponse({ mediaType, schema, exampleName }: Format, status: number, codes: readonly ErrorCode[]): object {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${exampleName(code)}` }] as const);
  return {
    description: codes.map((code) => `- \`${code}\`: ${errors[code].message}`).join('\n'),
    headers: refusalHeaders(status, codes),
    content: { [mediaType]: { schema, examples: Object.fromEntries(examples) } },
  };
}

/** Refusals of many routes, by the name of their component. */
const shared: Readonly<Record<string, readonly ErrorCode[]>> = {
  ...Object.fromEntries(errorCodes.map((code) => [toComponentName(code), [code]])),
  AccessTokenRefused: accessTokenErrors,
  Unavailable: unavailableErrors,
};

function toComponentName(code: string): string {
  return code.replaceAll(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The shared refusals, as components. */
export const errorComponents: Readonly<Record<string, object>> = Object.fromEntries(
  Object.entries(shared).map(([name, codes]) => [name, toResponse(formats.problem, errors[codes[0]!].status, codes)]),
);

/** The refusals of a route, by status, with an example for each code. */
export function errorResponses(route: HttpRoute): Readonly<Record<number, object>> {
  const format = formatOf(route);
  const codes = errorCodesOf(route).map((code) => ({ code, status: format.example(code).status }));
  const responseOf = (status: number) => {
    const here = codes.filter((one) => one.status === status).map(({ code }) => code);
    const name = Object.keys(shared).find((one) => shared[one]!.join() === here.join());
    return name === undefined || format === formats.oauth
      ? toResponse(format, status, here)
      : { $ref: `#/components/responses/${name}` };
  };
  return Object.fromEntries(codes.map(({ status }) => [status, responseOf(status)]));
}
