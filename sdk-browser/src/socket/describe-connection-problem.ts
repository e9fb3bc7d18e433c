import type { ConnectionProblemReason } from '../session-state.ts';
import type { ConnectionProblem } from './connection-diagnostics.ts';

const problemTexts: Readonly<Record<ConnectionProblemReason, string>> = {
  no_websocket: 'no WebSocket passes, HTTP does. Offer long polling: LATCHKEY_LONG_POLLING, longPolling of socketServe',
  origin_refused:
    'it refuses the origin of this page. Add that to LATCHKEY_ALLOWED_ORIGINS, or to origins of socketServe',
  not_a_service: 'no Latchkey sockets are there. Check url and socketUrl',
  connection_refused: 'a middleware of Socket.IO refuses',
};

/** The sentence for the developer: what is wrong with the socket server at `url`, and which setting changes it. */
export function describeConnectionProblem(
  url: string,
  { reason, message }: Pick<ConnectionProblem, 'reason' | 'message'>,
): string {
  return `${url}: ${[problemTexts[reason], message].filter(Boolean).join(': ')}.`;
}
