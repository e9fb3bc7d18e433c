import { assertOptions, type OptionNames } from '@latchkey/contract';
import type { Causes, KeySet, Proofs } from '@latchkey/core';
import type { SuspensionDetector } from '@latchkey/core/internal';
import type { ServiceClient } from './client/service-client.ts';
import { type ProcessOptions, processOptionNames } from './options.ts';

/** What a latchkey is made of: the link to the authority, the keys of its access tokens, and settings. */
export interface LatchkeyDeps extends ProcessOptions {
  /** `iss` of access tokens, unless the link knows it. */
  readonly issuer: string;
  /** `aud` of access tokens, unless the link knows it. */
  readonly audience: string;
  readonly client: ServiceClient;
  readonly keys: KeySet;
  /** Checks proofs of possession. Default: with nonces of this process alone. */
  readonly proofs?: Proofs;
  /** Default: one of its own. */
  readonly causes?: Causes;
  /** One that runs. Default: the sockets get one of their own. */
  readonly suspension?: SuspensionDetector;
  /** How long the clients' return is spread at a shutdown, in seconds. Default 10. */
  readonly spreadInSecs?: number;
}

const names: OptionNames<LatchkeyDeps> = {
  ...processOptionNames,
  issuer: 'string',
  audience: 'string',
  client: 'object',
  keys: 'object',
  proofs: 'object',
  causes: 'object',
  suspension: 'object',
  spreadInSecs: true,
};

/** @throws TypeError that names an unknown part */
export function assertLatchkeyDeps(parts: LatchkeyDeps): void {
  assertOptions('composeLatchkey', parts, names);
}
