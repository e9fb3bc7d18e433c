import { readFileSync, writeFileSync } from 'node:fs';
import { errorCodes, errors, isRetryable, shouldClearToken } from '@latchkey/contract';
import { describeSettings } from '@latchkey/service';
import { sessionStatesPage } from '../scripts/session-states.ts';

/** Pages that are made from code; `npm run docs` writes them, and a test compares. */
export const generated: Readonly<Record<string, () => string>> = {
  'docs/config.md': configPage,
  'docs/errors.md': errorsPage,
  'docs/session-states.md': sessionStatesPage,
};

function configPage(): string {
  const rows = describeSettings().map(
    ({ name, fallback, description, fromFile }) =>
      `| \`${name}\`${fromFile ? ` · \`${name}_FILE\`` : ''} | ${fallback === '' ? '' : `\`${fallback}\``} | ${description} |`,
  );
  return `# Configuration

Environment variables; a name behind the dot names a file that holds the value. Both set, an unknown \`LATCHKEY_\` name or a
bad value refuses to start, with a sentence that names the fix. Variables that Kubernetes makes for a Service called \`latchkey\`
(\`LATCHKEY_PORT=tcp://…\`) are ignored. Production (\`NODE_ENV=production\`) refuses what is unsafe:
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

The whole table; clients switch on \`code\`. *Try again*: infrastructure or a race, never a verdict about a token. *Signed
out*: the stored token is worthless, so the SDK sets it aside. Over HTTP errors are \`application/problem+json\` (RFC 9457)
with \`code\` and \`request_id\`, at \`/oauth/*\` as RFC 6749 says; over sockets
\`{ code, message, retryable, retry_after_ms?, request_id?, details?, detail?, now? }\`. In development (\`NODE_ENV\` is not \`production\`) \`detail\` says what the developer has to
change, see [troubleshooting.md](troubleshooting.md).

| code | HTTP | then | sentence |
|---|---|---|---|
${rows.join('\n')}
`;
}

/** True when the page in the tree is what the code says. */
export function isCurrent(file: string): boolean {
  return readFileSync(file, 'utf8') === generated[file]!();
}

if (process.argv[1]?.endsWith('docs/generate.ts')) {
  for (const [file, page] of Object.entries(generated)) writeFileSync(file, page());
}
