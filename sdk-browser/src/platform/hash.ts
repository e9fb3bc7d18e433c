import { fail } from '../fail.ts';
import { toBase64url } from './random.ts';

type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Bundlers make a file of its own of what is imported like this. */
async function loadSha256(): Promise<Sha256> {
  return (await import('./sha256.ts')).sha256;
}

/**
 * SHA-256 of the text's UTF-8 bytes, as base64url. Without WebCrypto a library does it, which is loaded first; rejects with
 * `unavailable` when it cannot be. Some browsers remember that, Chromium among them, until the page is loaded again.
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
