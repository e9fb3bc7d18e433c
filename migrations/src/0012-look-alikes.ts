import { type Kysely, sql } from 'kysely';
import { toUnicode } from 'tr46';
import unhomoglyph from 'unhomoglyph';

const idna = { checkBidi: true, checkHyphens: true, checkJoiners: true, useSTD3ASCIIRules: true };
const lower = (text: string) => text.toLowerCase().normalize('NFC');

/** As the service keyed addresses when this step was written. */
function keyOf(email: string): string {
  const typed = lower(email.normalize('NFC'));
  const at = typed.lastIndexOf('@') + 1;
  const { domain, error } = toUnicode(typed.slice(at), idna);
  const labels = domain.split('.');
  const isMapped = typed
    .slice(at)
    .split('.')
    .some((label, index) => label !== labels[index] && !label.startsWith('xn--'));
  return error || isMapped ? typed : typed.slice(0, at) + domain;
}

const skeletonOf = (key: string) => unhomoglyph(key.normalize('NFD')).normalize('NFD');

/**
 * Keys no longer unite characters that only look alike, and a second key unites addresses that do. Of rows that would get
 * one key or skeleton, the oldest gets it; the others keep what they have.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`SET LOCAL statement_timeout = 0`.execute(db);
  await sql`ALTER TABLE users ADD COLUMN email_skeleton text`.execute(db);
  const { rows } = await sql<{ id: string; email: string }>`SELECT id, email FROM users
    WHERE email_key IS NOT NULL AND email IS NOT NULL
      AND (octet_length(email) <> char_length(email) OR email_key LIKE '%xn--%')
    ORDER BY created_at, id`.execute(db);
  for (const { id, email } of rows) await rekey(db, id, keyOf(email));
  await sql`ALTER TABLE users ADD CONSTRAINT users_look_alike_unique UNIQUE (tenant_id, email_skeleton)`.execute(db);
}

async function rekey(db: Kysely<unknown>, id: string, key: string): Promise<void> {
  await sql`UPDATE users u SET email_key = ${key} WHERE id = ${id}::uuid AND NOT EXISTS (SELECT FROM users o
    WHERE o.tenant_id = u.tenant_id AND o.email_key = ${key} AND o.id <> u.id)`.execute(db);
  const skeleton = skeletonOf(key);
  await sql`UPDATE users u SET email_skeleton = ${skeleton} WHERE id = ${id}::uuid
    AND octet_length(email_key) <> char_length(email_key) AND NOT EXISTS (SELECT FROM users o
      WHERE o.tenant_id = u.tenant_id AND o.email_skeleton = ${skeleton})`.execute(db);
}
