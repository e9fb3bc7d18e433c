import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { errorCodes, errors, fail, isRetryable, shouldClearToken } from '@latchkey/contract';
import { describeHttpApi, describeSettings, describeSockets } from '@latchkey/service';
import { commandLinePage } from '../scripts/command-line-page.ts';
import { sessionStatesPage } from '../scripts/session-states.ts';
import { toOAuthError } from '../service/src/http/middleware/oauth-error.ts';
import { metricsPage } from './metrics-page.ts';

/** Of a service with default settings. */
const publicUrl = 'http://localhost:4000';

/** Pages that are generated from code. `npm run docs` writes them, a test compares them. */
export const generated: Readonly<Record<string, () => string>> = {
  'docs/reference/command-line.md': commandLinePage,
  'docs/reference/config.md': configPage,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/metrics.md': metricsPage,
  'docs/reference/openapi.json': () => toJson(describeHttpApi({ publicUrl })),
  'docs/reference/asyncapi.json': () => toJson(describeSockets({ publicUrl })),
  'docs/reference/session-states.md': sessionStatesPage,
  'docs/why/decisions/index.md': decisionsPage,
};

const toJson = (document: object) => `${JSON.stringify(document, null, 2)}\n`;

function configPage(): string {
  const rows = describeSettings().map(
    ({ name, fallback, description, fromFile }) =>
      `| \`${name}\`${fromFile ? ` · \`${name}_FILE\`` : ''} | ${fallback === '' ? '' : `\`${fallback}\``} | ${description} |`,
  );
  return `# Configuration

Environment variables. The name after the dot is that of a file with the value. If both are set, or a \`LATCHKEY_\` name is unknown, or a
value is invalid, the service refuses to start, with an error that names the fix. Variables that Kubernetes sets for a Service called \`latchkey\`
(\`LATCHKEY_PORT=tcp://…\`) are ignored. Production (\`NODE_ENV=production\`) refuses unsafe settings:
no secret, the embedded database without \`LATCHKEY_ALLOW_EMBEDDED=true\`, a public URL without TLS.

| name | default | what it does |
|---|---|---|
${rows.join('\n')}
`;
}

function errorsPage(): string {
  const rows = errorCodes.map((code) => {
    const { status, message } = errors[code];
    const effect = shouldClearToken(code) ? 'signed out' : isRetryable(code) ? 'try again' : '';
    return `| \`${code}\` | ${status} | ${effect} | ${message} |`;
  });
  return `# Errors

All error codes. Clients use \`code\`, not the message. *Try again*: a transient error or a race, which says nothing about the token. *Signed
out*: the stored token is invalid, and the SDK quarantines it. \`verification_required\` is a rejection of sdk-browser, which the service never sends. Over HTTP errors are \`application/problem+json\` (RFC 9457)
with \`code\` and \`request_id\`, at \`/oauth/*\` as RFC 6749 says; over sockets
\`{ code, message, retryable, retry_after_ms?, request_id?, details?, detail?, now? }\`. In development (\`NODE_ENV\` is not \`production\`) \`detail\` names the setting to
change, see [troubleshooting](../run/troubleshooting.md).

| code | HTTP | effect | message |
|---|---|---|---|
${rows.join('\n')}

An invalid field is in \`errors\` (over sockets \`details\`): its path, and what it has to be. An unknown field comes with the name of the nearest
known one. No value of the request is repeated.

## At \`/oauth/*\`

The body is \`{ error, error_description, code, request_id, now? }\`: \`error\` by RFC 6749 §5.2 (RFC 9449 for proofs), \`code\` by the table above.
\`POST /oauth/introspect\` of a backend without the scope \`introspect\` is 403 \`unauthorized_client\` with the code \`forbidden\`, and of an unknown
backend or a wrong secret 401 \`invalid_client\` with the code \`unauthenticated\`. A grant type other than \`authorization_code\` and
\`refresh_token\` is 400 \`unsupported_grant_type\` with the code \`invalid_request\`.

| error | HTTP | codes |
|---|---|---|
${oauthRows().join('\n')}
`;
}

/** One row for each error of OAuth and status, with its codes. */
function oauthRows(): string[] {
  const rows = new Map<string, string[]>();
  for (const code of errorCodes) {
    const { status, body } = toOAuthError(fail(code), '');
    const row = `\`${body.error}\` | ${status}`;
    rows.set(row, [...(rows.get(row) ?? []), `\`${code}\``]);
  }
  return [...rows].map(([row, codes]) => `| ${row} | ${codes.join(' ')} |`);
}

function decisionsPage(): string {
  const folder = 'docs/why/decisions';
  const rows = readdirSync(folder)
    .filter((name) => /^\d/.test(name))
    .sort()
    .map((name) => {
      const [, number, title] = /^# (\d+)\. (.+)$/m.exec(readFileSync(`${folder}/${name}`, 'utf8')) ?? [];
      return `| ${number} | [${title}](${name}) |`;
    });
  return `# Decisions

Choices that differ from what one might expect. Each page has the problem, the decision and what checks it.

| | |
|---|---|
${rows.join('\n')}
`;
}

/** True when the page in the tree equals the generated one. */
export function isCurrent(file: string): boolean {
  return readFileSync(file, 'utf8') === generated[file]!();
}

if (process.argv[1]?.endsWith('docs/generate.ts')) {
  for (const [file, page] of Object.entries(generated)) writeFileSync(file, page());
}
