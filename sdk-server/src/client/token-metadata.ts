import type { AccessTokenMetadata } from '@latchkey/contract';
import type { Causes } from '@latchkey/core';

interface TokenMetadataDeps {
  /** Address of the service. */
  readonly url: string;
  /** Options of the app. */
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly causes: Pick<Causes, 'report'>;
}

/**
 * What access tokens have to name as `iss` and `aud`.
 *
 * @example
 * const names = createTokenMetadata({ url: 'http://127.0.0.1:4000', causes });
 * names.learn({ issuer: 'https://id.example.com', audience: 'https://id.example.com' });
 * names.current().issuer; // https://id.example.com
 */
export function createTokenMetadata({ url, issuer, audience, causes }: TokenMetadataDeps) {
  let learned: AccessTokenMetadata = {};

  /** The options, or else what the service said last, or else the address of the service. */
  function current(): Required<AccessTokenMetadata> {
    const iss = issuer ?? learned.issuer ?? url;
    return { issuer: iss, audience: audience ?? learned.audience ?? iss };
  }

  return Object.freeze({
    current,
    /** Takes what the service says. An option that differs is reported, because it refuses every token of the service. */
    learn(names: AccessTokenMetadata) {
      learned = names;
      const expected = current();
      if (names.issuer !== undefined && names.issuer !== expected.issuer)
        causes.report('issuer_differs', { option: expected.issuer, service: names.issuer });
      if (names.audience !== undefined && names.audience !== expected.audience)
        causes.report('audience_differs', { option: expected.audience, service: names.audience });
    },
  });
}
