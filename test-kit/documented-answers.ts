import { readFileSync } from 'node:fs';

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly examples?: Readonly<Record<string, unknown>> }>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Response>> };
}

/** An answer of the service over HTTP. */
interface Answer {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

let paths: readonly (readonly [RegExp, Readonly<Record<string, Operation>>])[] | undefined;
let document: OpenApi | undefined;

/**
 * Checks that docs/reference/openapi.json has an answer: its status and, of a refusal, its code. Paths and methods that are
 * no operations are not checked.
 *
 * @throws Error the document has no such answer
 */
export function assertDocumented({ method, path, status, body }: Answer): void {
  const operation = findOperation(method, path.split('?', 1)[0]!);
  if (operation === undefined) return;
  const response = operation.responses[status];
  const code = (body as { code?: unknown } | null)?.code;
  const isRefusal = status >= 400 && typeof code === 'string';
  if (response !== undefined && (!isRefusal || codesOf(response).includes(code))) return;
  const what = isRefusal ? `${status} ${code}` : status;
  throw new Error(`docs/reference/openapi.json has no ${what} of ${method} ${path}`);
}

function findOperation(method: string, path: string): Operation | undefined {
  document ??= JSON.parse(readFileSync(new URL('../docs/reference/openapi.json', import.meta.url), 'utf8')) as OpenApi;
  paths ??= Object.entries(document.paths).map(([template, methods]) => [toPattern(template), methods]);
  return paths.find(([pattern]) => pattern.test(path))?.[1][method.toLowerCase()];
}

function toPattern(template: string): RegExp {
  const escaped = template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${escaped}$`);
}

function codesOf({ $ref, content = {} }: Response): readonly string[] {
  if ($ref !== undefined) return codesOf(document!.components.responses[$ref.split('/').at(-1)!]!);
  return Object.values(content).flatMap(({ examples = {} }) => Object.keys(examples));
}
