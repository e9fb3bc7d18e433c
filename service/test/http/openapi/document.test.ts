import { type ErrorCode, errorCodes, errors, fail, paths } from '@latchkey/contract';
import { validate } from '@readme/openapi-parser';
import { expect } from 'chai';
import { describeHttpApi } from '../../../src/http/describe-api.ts';
import { withDocuments } from '../../../src/http/endpoints/api-documents.ts';
import { createRoutes, type RouteDeps } from '../../../src/http/routes.ts';
import { call, code, openTestApp, publicUrl, type TestApp, verifier } from '../test-app.ts';

interface Response {
  readonly content: Readonly<
    Record<string, { readonly examples?: Readonly<Record<string, { readonly $ref: string }>> }>
  >;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
}
interface OpenApi {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly examples: Readonly<Record<string, { readonly value: Readonly<Record<string, unknown>> }>>;
  };
}

const document = describeHttpApi({ publicUrl }) as OpenApi;
const config = { publicUrl, issuer: publicUrl, requirePkce: true, appUrls: [] };
const routes = withDocuments(createRoutes({ config } as unknown as RouteDeps), {
  config,
  describeSockets: () => ({ asyncapi: '' }),
});

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })),
);

function resolve(response: Response | { readonly $ref: string }): Response {
  return '$ref' in response ? document.components.responses[response.$ref.split('/').at(-1)!]! : response;
}

/** Codes of a response, with the bodies that the document shows for them. */
function examplesOf(response: Response | { readonly $ref: string }) {
  const contents = Object.values(resolve(response).content);
  return contents.flatMap(({ examples = {} }) =>
    Object.entries(examples).map(([name, { $ref }]) => ({
      code: name as ErrorCode,
      body: document.components.examples[$ref.split('/').at(-1)!]!.value,
    })),
  );
}

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const result = await validate(structuredClone(document) as never);
    expect(result.valid ? [] : result.errors).eql([]);
  });

  it('describes each route of the table, and no other', () => {
    const rows = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(operations.map(({ name }) => name)).to.have.members(rows);
  });

  it('has a tag, a name and one sentence for each operation', () => {
    const tags = document.tags.map(({ name }) => name);
    for (const { name, operationId, summary, tags: used } of operations) {
      expect(used, name).to.have.length(1);
      expect(tags, name).to.include(used[0]);
      expect(operationId, name).to.match(/^[a-z][A-Za-z]+$/);
      expect(summary, name).to.match(/^[A-Z][^\n]+[^.]$/);
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).equal(operations.length);
    expect(tags.filter((tag) => !operations.some((operation) => operation.tags.includes(tag)))).eql([]);
  });

  it('has every error code of the contract', () => {
    expect(document.components.schemas.ErrorCode!.enum).eql([...errorCodes]);
  });

  it('has each error code of a response at its status, in the body that is sent', () => {
    for (const { name, responses } of operations)
      for (const [status, response] of Object.entries(responses))
        for (const { code, body } of examplesOf(response)) {
          expect(body.code, name).equal(code);
          if (name.includes('/oauth/')) continue;
          expect(String(errors[code].status), `${name} ${code}`).equal(status);
          expect(body, name).include({ status: errors[code].status, title: errors[code].message });
        }
  });
});

describe('refusals of the API', () => {
  let app: TestApp;
  before(async () => {
    app = await openTestApp();
  });
  after(() => app.close());

  const signIn = { email: 'ada@example.test', password: 'correct horse battery', code_challenge: verifier };
  const login = { ...signIn, code_challenge_method: 'S256' };
  const grant = { grant_type: 'authorization_code', code, code_verifier: verifier };

  for (const [title, path, body, flow] of [
    ['have', paths.login, login, 'login'],
    ['of OAuth have', paths.oauthToken, grant, 'exchange'],
  ] as const)
    it(`${title} the status and the body of the document, for each code`, async () => {
      const example = (name: string) => document.components.examples[flow === 'exchange' ? `oauth_${name}` : name];
      for (const name of errorCodes.filter((one) => example(one) !== undefined)) {
        app.script({
          [flow]: () => {
            throw fail(name);
          },
        });
        const { status, json } = await call(app, 'POST', path, body);
        const { request_id, now, ...rest } = json;
        const { request_id: _, ...expected } = example(name)!.value;
        expect(rest, name).eql(expected);
        const shown = Object.entries(document.paths[path]!.post!.responses).find(([, response]) =>
          examplesOf(response).some((one) => one.code === name),
        );
        if (shown !== undefined) expect(String(status), name).equal(shown[0]);
      }
    });
});

describe('GET /openapi.json', () => {
  it('answers with the document', async () => {
    const app = await openTestApp();
    const { status, json, headers } = await call(app, 'GET', paths.openApi);
    await app.close();
    expect(status).equal(200);
    expect(headers.get('cache-control')).equal('public, max-age=60');
    expect(json).eql(JSON.parse(JSON.stringify(document)));
  });

  it('is not found when the setting says so', async () => {
    const app = await openTestApp({ apiDocuments: false });
    const { status } = await call(app, 'GET', paths.openApi);
    await app.close();
    expect(status).equal(404);
  });
});
