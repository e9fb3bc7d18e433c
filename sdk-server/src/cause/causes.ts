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
