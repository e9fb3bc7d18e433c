import type { CauseTable } from './cause-log.ts';

/** Of refused sockets and their messages. */
export const socketCauses = {
  socket_proof_refused: {
    setting: 'publicUrl',
    message:
      'proofs on sockets were refused: set {publicUrl} to the URL under which browsers open this server, and register it by `backend create --origins`',
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
  origins_unusable: {
    setting: 'origins',
    message:
      'a socket request was refused: the function {origins} has to return true or false; it threw, or returned something else',
  },
  address_unreadable: {
    setting: 'addressOf',
    message: 'an address counts as unknown: the function {addressOf} threw; it has to return text or null',
  },
  engine_id_unknown: {
    setting: 'sticky sessions',
    message:
      'requests of an unknown connection by long polling were refused: several nodes need sticky sessions; after the stop of a node this is normal',
  },
  sockets_limited: {
    setting: 'socketsPerSession',
    message: 'sockets of a session were refused: {socketsPerSession} limits how many one session has on this server',
  },
  messages_limited: {
    setting: 'limits.messageBurst',
    message:
      'messages of a socket were refused, or its connection was closed: limits.messageBurst and limits.messagesPerSecond allow no more',
  },
  refreshes_limited: {
    setting: 'limits.refreshesPerMinute',
    message: 'requests for access tokens were refused: limits.refreshesPerMinute allows no more on one socket',
  },
  calls_limited: {
    setting: 'maxConcurrentCalls',
    message: 'calls were refused: maxConcurrentCalls of the api router limits how many of one socket run at once',
  },
  message_too_large: {
    setting: 'maxHttpBufferSize',
    message: 'a message above maxHttpBufferSize closed its connection',
  },
  backlog_cut: {
    setting: 'limits.backlogBytes',
    message:
      'a connection was closed because its client reads too slowly: limits.backlogBytes limits what waits for it',
  },
  users_not_offered: {
    setting: 'users',
    message:
      'subscriptions to the users who are online were refused: the option users of socketServe lets clients read them',
  },
  users_refused: {
    setting: 'users.mayRead',
    message:
      'subscriptions to the users who are online were refused: the function users.mayRead did not return true for the claims of the user',
  },
  users_unusable: {
    setting: 'users',
    message:
      'a function of the option users threw or returned something else: users.mayRead has to return true or false, users.show an object of at most 1,024 characters of JSON',
  },
  calls_unavailable: {
    setting: 'url',
    message:
      'events of sockets were refused as unavailable, or sessions at their deadline could not be read; `err` says why of the newest: the service, or what a call of the app needs, is unreachable or too slow',
    level: 'error',
  },
  event_unhandled: {
    setting: 'apiRouter',
    message:
      'events of clients have no handler: the name of the api router, or of the event, has to be the same in the browser',
  },
} as const satisfies CauseTable<string>;
