import type { CauseTable } from './cause-log.ts';

/** Of the connection to the service. */
export const connectionCauses = {
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
  presence_unavailable: {
    setting: 'service',
    message: 'presence could not be read from the service: getUserSessions() is not up to date',
  },
  introspection_unavailable: {
    setting: 'policy',
    message:
      'the revocation cache is stale, and introspection by the service failed (policy introspect): requests are refused',
  },
  key_set_unavailable: {
    setting: 'url',
    message: 'the key set of the service could not be read; the last one stays; trying again',
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
  clock_apart: {
    setting: 'clock',
    message:
      'the clock of this machine is not that of the service: synchronise it (NTP); tokens and sessions are judged by the time of the service',
  },
} as const satisfies CauseTable<string>;
