import { fail } from './fail.ts';
import { toBase64url } from './random.ts';

type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Imported dynamically, so that bundlers put it into a file of its own. */
async function loadSha256(): Promise<Sha256> {
  return (await import('./sha256.ts')).sha256;
}

/**
 * Returns the SHA-256 of the text's UTF-8 bytes, as base64url. Without WebCrypto it loads a library. Rejects with `unavailable`
 * when the library cannot be loaded. Some browsers, such as Chromium, cache that failure until the page is reloaded.
 */
export async function sha256Base64url(
  text: string,
  subtle: SubtleCrypto | undefined,
  load = loadSha256,
): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  if (subtle !== undefined) return toBase64url(new Uint8Array(await subtle.digest('SHA-256', bytes)));
  const sha256 = await load().catch((cause: unknown) => {
    throw fail('unavailable', { cause });
  });
  return toBase64url(sha256(bytes));
}
