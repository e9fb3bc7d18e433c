import type { CauseTable } from './cause-log.ts';

/** Of refused requests of routes, and of calls. */
export const routeCauses = {
  not_ready: {
    setting: 'ready',
    message:
      'requests came before the list of ended sessions was loaded: await latchkey.ready() before the server listens',
  },
  revocations_stale: {
    setting: 'policy',
    message:
      'requests were refused by their policy, because the revocation cache is stale: the connection to the service is lost',
  },
  token_missing: {
    setting: 'apis',
    message:
      'requests without an access token were refused: in the browser, session.fetch sends it while the user is signed in, to the origins in its option apis; a proxy has to pass the header Authorization on',
  },
  token_expired: {
    setting: 'client',
    message:
      'requests with an expired access token were refused: sdk-browser renews it, other clients do so before it ends',
  },
  token_malformed: {
    setting: 'client',
    message: 'requests were refused whose credential is no access token of a Latchkey service',
  },
  token_of_other_keys: {
    setting: 'url',
    message:
      'access tokens were refused that the service did not sign: the option url has to name the service where users sign in',
  },
  issuer_unexpected: {
    setting: 'issuer',
    message: 'access tokens of another issuer were refused: the option issuer has to be the public URL of the service',
  },
  audience_unexpected: {
    setting: 'audience',
    message:
      'access tokens for another audience were refused: the option audience has to be LATCHKEY_AUDIENCE of the service',
  },
  session_ended: {
    setting: 'client',
    message: 'requests with an access token of an ended session were refused',
  },
  scheme_wrong: {
    setting: 'client',
    message: 'access tokens without a key were sent as DPoP and refused: the client has to send them as Bearer',
  },
  proof_missing: {
    setting: 'DPoP',
    message:
      'access tokens that belong to a key came without a proof: call by session.fetch; CORS of this app and its proxy have to pass the request header DPoP',
  },
  proof_of_other_url: {
    setting: 'publicUrl',
    message: 'proofs of another URL were refused: set {publicUrl} to the URL under which clients reach this app',
  },
  proof_unfit: {
    setting: 'client',
    message: 'proofs were refused that do not fit the request, its access token or its key',
  },
  proof_repeated: {
    setting: 'client',
    message: 'proofs were refused because they were shown before: a client or a proxy sent a request twice',
  },
  proof_nonce_needed: {
    setting: 'DPoP-Nonce',
    message:
      'proofs have to be made again with a nonce: CORS of this app has to expose the answer header DPoP-Nonce; the clock of the client may be wrong',
  },
  scope_missing: {
    setting: 'LATCHKEY_DEFAULT_SCOPES',
    message:
      'callers without a scope were refused: LATCHKEY_DEFAULT_SCOPES or the hook scopes of the service grants it',
  },
  sign_in_too_old: {
    setting: 'maxAuthAge',
    message: 'callers were asked to sign in again by maxAuthAge',
  },
  request_refused: {
    setting: 'require',
    message: 'callers were refused by a condition of the app (require)',
  },
  preflight_refused: {
    setting: 'CORS',
    message:
      'preflights (OPTIONS) reached a guard and were refused: CORS of the app has to answer them before the guard',
  },
} as const satisfies CauseTable<string>;
