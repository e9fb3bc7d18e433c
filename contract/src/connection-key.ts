/** How a client that opened a connection by long polling proves that a later request is its own (docs/reference/protocol.md). */
export const connectionKeyNames = Object.freeze({
  /** Header of every request of long polling. */
  header: 'Latchkey-Connection-Key',
  /** WebSocket subprotocol (RFC 6455 §1.9) that the server selects; the client offers it first. */
  subprotocol: 'latchkey',
  /** The client offers the key as a second subprotocol with this prefix, because browsers set no header there. */
  subprotocolPrefix: 'latchkey.key.',
} as const);

/** At least 128 random bits as base64url, chosen by the client, a new one for each connection. */
export const connectionKeyPattern = /^[A-Za-z0-9_-]{22,128}$/;
