import type { KeyObject } from 'node:crypto';
import type { Db } from '../../db/schema.ts';
import type { PublicJwk } from './key.ts';

/** The signing keys of access tokens: ES256, kept wrapped in the database, read again by every node. */
export interface Keys {
  /** Makes the first keys when there are none, and loads. Safe when nodes start together. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The key to sign with. @throws unavailable not loaded, or wrapped under a secret this node lacks */
  current(): { readonly kid: string; readonly privateKey: KeyObject };
  /** A key that a token may be verified with, from memory. */
  publicKey(kid: string): KeyObject | undefined;
  /** The same, but an unknown kid reads the table once more, at most each five seconds. */
  findPublicKey(kid: string): Promise<KeyObject | undefined>;
  /** The JWK Set (RFC 7517): current, next, then the ones that still verify. */
  jwks(): { readonly keys: readonly PublicJwk[] };
  /** Reads the table again; a job calls it each 30 s. */
  reload(): Promise<void>;
  /** Next becomes current, current verifies on. Two at once are one rotation. Takes the database, not a transaction. */
  rotate(db: Db): Promise<{ readonly kid: string; readonly rotated: boolean }>;
  /** Removes keys that no live token can name any more; says how many. */
  dispose(db: Db): Promise<number>;
}
