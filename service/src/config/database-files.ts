import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Parameters of the URL that name a file, which pg reads for each connection, and how its text is read. */
const parameters = {
  sslrootcert: { holds: 'no certificate in PEM', parse: (text: string) => new X509Certificate(text) },
  sslcert: { holds: 'no certificate in PEM', parse: (text: string) => new X509Certificate(text) },
  sslkey: { holds: 'no private key in PEM, or one with a passphrase', parse: (text: string) => createPrivateKey(text) },
} as const;

/**
 * A sentence for each file of `DATABASE_URL` that cannot be used: one that is missing, or holds something else.
 *
 * @example
 * findUnusableFiles('postgres://db/app?sslrootcert=/no/ca.pem');
 * // ['DATABASE_URL names a file that cannot be read: sslrootcert=/no/ca.pem (ENOENT).']
 */
export function findUnusableFiles(databaseUrl: string): string[] {
  const query = new URLSearchParams(databaseUrl.split('?').slice(1).join('?'));
  const files = Object.entries(parameters).map(([name, kind]) => ({ name, ...kind, path: query.getAll(name).at(-1) }));
  const mistakes = files.flatMap(({ name, path, holds, parse }) => {
    if (!path) return [];
    const text = readText(path);
    if ('code' in text) return [`DATABASE_URL names a file that cannot be read: ${name}=${path} (${text.code}).`];
    return canBeParsed(parse, text.content) ? [] : [`DATABASE_URL names a file that holds ${holds}: ${name}=${path}.`];
  });
  return mistakes.length > 0 ? mistakes : findForeignKey(query);
}

function readText(path: string): { readonly content: string } | { readonly code: string } {
  try {
    return { content: readFileSync(path, 'utf8') };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? 'unreadable' };
  }
}

function canBeParsed(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Both files can be read by now. */
function findForeignKey(query: URLSearchParams): string[] {
  const [certificate, key] = [query.getAll('sslcert').at(-1), query.getAll('sslkey').at(-1)];
  if (!certificate || !key) return [];
  const isOwn = new X509Certificate(readFileSync(certificate)).checkPrivateKey(createPrivateKey(readFileSync(key)));
  return isOwn ? [] : ['DATABASE_URL names a private key that is not the one of the certificate: sslkey and sslcert.'];
}
