import { fail } from '@latchkey/contract';
import type { ClientCredential } from '../../flow/types.ts';
import type { Context } from '../context.ts';

/** `WWW-Authenticate` of a refused backend (RFC 6749 §5.2, RFC 7617). */
export const clientChallenge = 'Basic realm="latchkey", charset="UTF-8"';

/** `token68` of RFC 7617 §2. */
const basic = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** The credential in the body (RFC 6749 §2.3.1). */
export interface ClientFields {
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
}

/**
 * Which backend asks: by HTTP Basic, id and secret encoded as in a form, or by `client_id` and `client_secret` in the
 * form, never by both (RFC 6749 §2.3). Whether the secret is right, the flow finds out.
 *
 * @throws unauthenticated nothing shown, or nothing that can be read · invalid_request shown twice
 */
export function readClientCredential(ctx: Context, { client_id, client_secret }: ClientFields): ClientCredential {
  const header = ctx.get('Authorization');
  if (client_secret === undefined) return readBasicCredential(header, client_id);
  if (header !== '')
    throw fail('invalid_request', { message: 'Show the secret in the header or in the form, not in both.' });
  if (client_id === undefined) throw fail('invalid_request', { message: 'client_id belongs to client_secret.' });
  return { id: client_id, secret: client_secret };
}

function readBasicCredential(header: string, named: string | undefined): ClientCredential {
  const shown = basic.exec(header)?.[1];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(shown ?? '', 'base64').toString()) ?? [];
  if (id === undefined || secret === undefined)
    throw fail('unauthenticated', { message: 'Show the id and the secret of a backend.' });
  const credential = { id: formDecoded(id), secret: formDecoded(secret) };
  if (named !== undefined && named !== credential.id)
    throw fail('invalid_request', { message: 'client_id names another backend than the header.' });
  return credential;
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw fail('unauthenticated', { message: 'The id and the secret have to be encoded as in a form.' });
  }
}
