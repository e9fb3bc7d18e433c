/** For pages without WebCrypto, and loaded there only. */
export { sha256 } from '@noble/hashes/sha2.js';
