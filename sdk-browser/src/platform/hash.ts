import { toBase64url } from './random.ts';

/** SHA-256 of the text's UTF-8 bytes, as base64url. */
export async function hashOf(text: string, subtle: SubtleCrypto): Promise<string> {
  return toBase64url(new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text))));
}
