import type { Clock } from '../clock.ts';
import type { Log } from '../socket/options.ts';
import { type CauseLog, type CauseTable, createCauseLog } from './cause-log.ts';

/** Every kind of refusal and failure of a backend that its developer or operator can change. docs/troubleshooting.md has a row for each. */
export const causes = {
  service_unreachable: {
    setting: 'url',
    message: 'no connection to the service: check the option url and that the service runs there; trying again',
  },
  not_a_service: {
    setting: 'url',
    level: 'error',
    message: 'the address is no Latchkey service: check the option url; next attempt within 90 s',
  },
  backend_refused: {
    setting: 'backendSecret',
    level: 'error',
    message:
      'the service does not accept this backend: check backendId and backendSecret; `backend create` at the service makes a new pair; next attempt within 90 s',
  },
  protocol_refused: {
    setting: 'version',
    level: 'error',
    message: 'the service refuses the protocol of this backend: bring both to one release; next attempt within 90 s',
  },
  backend_forbidden: {
    setting: 'backend create',
    message:
      'the service forbids a call of this backend: `backend create` at the service makes one with other --scopes, --origins or --tenant',
  },
  revocations_unavailable: {
    setting: 'service',
    message: 'the list of ended sessions could not be subscribed; trying again; the log of the service says why',
  },
  key_set_unavailable: {
    setting: 'url',
    message: 'the key set of the service could not be read; the last one stays; trying again',
  },
  clock_apart: {
    setting: 'clock',
    message:
      'the clock of this machine is not that of the service: synchronise it (NTP); tokens and sessions are judged by the time of the service',
  },
  not_ready: {
    setting: 'ready',
    message:
      'requests came before the list of ended sessions was loaded: await latchkey.ready() before the server listens',
  },
  revocations_stale: {
    setting: 'policy',
    message:
      'requests were refused by their policy, because the list of ended sessions is out of date: the connection to the service is lost',
  },
  token_missing: {
    setting: 'apis',
    message:
      'requests without an access token were refused: in the browser, session.fetch sends it to the origins in its option apis; a proxy has to pass the header Authorization on',
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
  socket_proof_refused: {
    setting: 'publicUrl',
    message:
      'proofs on sockets were refused: set {publicUrl} to the URL under which browsers open this server, and register it by `backend create --origins`',
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
  origin_refused: {
    setting: 'origins',
    message: 'a socket request was refused: its origin is not in {origins}',
  },
  long_polling_refused: {
    setting: 'longPolling',
    message: 'long polling was refused: only WebSocket is offered; {longPolling} offers it',
  },
  connection_key_missing: {
    setting: 'client',
    message:
      'long polling was refused: the client sent no connection key of 22 to 128 characters of base64url; use sdk-browser',
  },
  connection_key_wrong: {
    setting: 'client',
    message: 'a request with an engine id was refused: it did not show the connection key of that connection',
  },
  engine_id_refused: {
    setting: 'client',
    message:
      'a request with an engine id was refused: only connections by long polling take further requests, and one upgrade',
  },
  transport_refused: {
    setting: 'client',
    message: 'an upgrade was refused: it asked for another transport than WebSocket',
  },
  too_many_sockets: {
    setting: 'unauthenticatedSocketsPerAddress',
    message:
      'a socket was refused: too many of its address are not signed in ({unauthenticatedSocketsPerAddress}); behind a proxy, set {addressOf}',
  },
  namespace_refused: {
    setting: 'namespaces',
    message:
      'a socket that is not signed in was refused: sign in on "/" over the same connection, or set {namespaces}: { "/name": "public" }',
  },
  issuer_differs: {
    setting: 'issuer',
    message: 'every access token of the service is refused: the option issuer is not its public URL; leave issuer out',
  },
  audience_differs: {
    setting: 'audience',
    message:
      'every access token of the service is refused: the option audience is not its LATCHKEY_AUDIENCE; leave audience out',
  },
} as const satisfies CauseTable<string>;

/** A code of {@link causes}. */
export type CauseCode = keyof typeof causes;

/** The causes of one backend. */
export type Causes = CauseLog<CauseCode>;

/** Counts and logs the causes of one backend, or of one Socket.IO server. */
export function createCauses(deps: { readonly log: Log; readonly clock: Clock }): Causes {
  return createCauseLog<CauseCode>({ ...deps, table: causes });
}
