/** Loaded only on pages without WebCrypto. */
export { sha256 } from '@noble/hashes/sha2.js';
