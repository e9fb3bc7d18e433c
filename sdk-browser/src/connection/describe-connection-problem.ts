import type { ConnectionProblem, ConnectionProblemReason } from './connection-diagnostics.ts';

const problemTexts: Readonly<Record<ConnectionProblemReason, string>> = {
  no_websocket:
    'HTTP reaches the server, WebSocket does not. Enable long polling: LATCHKEY_LONG_POLLING, or longPolling of socketServe',
  origin_refused:
    'the server refuses the origin of this page. Add it to LATCHKEY_ALLOWED_ORIGINS, or to origins of socketServe',
  not_a_service: 'the server has no Latchkey sockets. Check url and socketUrl',
  connection_refused: 'a middleware of the Socket.IO server refuses the connection',
};

/** Returns the warning for developers: the problem of the socket server at `url`, and the setting that changes it. */
export function describeConnectionProblem(
  url: string,
  { reason, message }: Pick<ConnectionProblem, 'reason' | 'message'>,
): string {
  return `${url}: ${[problemTexts[reason], message].filter(Boolean).join(': ')}.`;
}
