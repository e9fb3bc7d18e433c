import type { Instance } from './instance.ts';

/** Something that a drill did, or a property that holds or does not. */
export interface DrillStep {
  readonly outcome: 'done' | 'pass' | 'fail';
  readonly message: string;
}

/** What a drill works with. */
export interface DrillContext {
  readonly instance: Instance;
  /** Issuer of the instance: the origin that proofs of browsers name. */
  readonly issuer: string;
  /** How many sessions take part. For `storm`. */
  readonly sessions: number;
  /** How often the drill repeats its attempt. For `lost-answers` and `revoke-during-refresh`. */
  readonly rounds: number;
  /** How long a revocation may take to reach every connection and every check of an access token, in ms. */
  readonly revocationMs: number;
  /** Reports what was done. */
  readonly done: (message: string) => void;
  /** Reports whether a property of the service holds. `found` is what was seen, in a few words. */
  readonly expect: (message: string, holds: boolean, found?: string) => void;
}

/** A drill: an attack or a fault, carried out by the public protocol. */
export interface Drill {
  readonly name: string;
  readonly description: string;
  /** @throws DrillError it could not be carried out */
  readonly run: (context: DrillContext) => Promise<void>;
}
