import { type Kysely, sql } from 'kysely';
import { toUnicode } from 'tr46';
import unhomoglyph from 'unhomoglyph';

const idna = { checkBidi: true, checkHyphens: true, checkJoiners: true, useSTD3ASCIIRules: true };
const lower = (text: string) => text.toLowerCase().normalize('NFC');
const isAscii = (text: string) => !/[^\0-\x7f]/.test(text);

/** As the service keyed addresses when this step was written. */
function keyOf(email: string): string {
  const spelled = email
    .normalize('NFC')
    .replace(/^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu, '')
    .replace(/[\uff01-\uff5e\uff61-\uffdc]/g, (character) => character.normalize('NFKC'))
    .normalize('NFC');
  const at = spelled.lastIndexOf('@') + 1;
  return lower(spelled.slice(0, at)) + (at === 0 ? lower(spelled) : domainOf(spelled.slice(at)));
}

function domainOf(text: string): string {
  const typed = lower(text.replaceAll('\u3002', '.'));
  const { domain, error } = toUnicode(typed, idna);
  const labels = domain.split('.');
  const isMapped = typed.split('.').some((label, at) => label !== labels[at] && !label.startsWith('xn--'));
  return error || isMapped ? typed : domain;
}

const skeletonOf = (key: string) =>
  unhomoglyph(key.normalize('NFD'))
    .normalize('NFD')
    .replace(/(?<=\p{Soft_Dotted}\p{M}*)\u0307/gu, '')
    .replace(/(\p{M})\1+/gu, '$1');

/**
 * Keys unite the widths of a character and leave out what is around an address. Of rows that would get one key, the oldest
 * gets it; the others keep what they have, and sign in with the spelling that they registered. Skeletons are written again
 * with their newer rules for dots and repeated marks.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`SET LOCAL statement_timeout = 0`.execute(db);
  const { rows } = await sql<{ id: string; email: string }>`SELECT id, email FROM users
    WHERE email_key IS NOT NULL AND email IS NOT NULL
      AND (octet_length(email) <> char_length(email) OR email_key LIKE '%xn--%' OR email ~ '^\\s|\\s$')
    ORDER BY created_at, id`.execute(db);
  for (const { id, email } of rows) await rekey(db, id, keyOf(email));
}

async function rekey(db: Kysely<unknown>, id: string, key: string): Promise<void> {
  const skeleton = isAscii(key) ? null : skeletonOf(key);
  await sql`UPDATE users u SET email_key = ${key}, email_skeleton = CASE WHEN EXISTS (SELECT FROM users o
      WHERE o.tenant_id = u.tenant_id AND o.id <> u.id AND o.email_skeleton = ${skeleton}) THEN NULL ELSE ${skeleton}::text END
    WHERE id = ${id}::uuid AND NOT EXISTS (SELECT FROM users o
      WHERE o.tenant_id = u.tenant_id AND o.id <> u.id AND o.email_key = ${key})`.execute(db);
}
