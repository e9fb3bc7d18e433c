import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { CauseCode } from '../cause/causes.ts';

/** Why a request of the engine is not taken. */
export interface EngineRefusal {
  readonly status: 400 | 403 | 429;
  /** Engine.IO's own error code: 0 transport not offered, 3 bad request, 4 forbidden. */
  readonly code: 0 | 3 | 4;
  readonly message: string;
  readonly retryAfterSeconds?: number;
  /** For the developer: what to change. */
  readonly cause: CauseCode;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * Answers a polling request, or an upgrade before it became a WebSocket, in Engine.IO's format: `{ code, message }`. Any
 * origin may read the answer, so that a page can say why it was refused.
 */
export function sendEngineRefusal(request: IncomingMessage, response: object, refusal: EngineRefusal): void {
  const { status, code, message, retryAfterSeconds } = refusal;
  const body = JSON.stringify({ code, message });
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Access-Control-Allow-Origin': '*',
    Connection: 'close',
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': retryAfterSeconds }),
  };
  if (response instanceof ServerResponse) {
    response.writeHead(status, headers).end(body);
    return;
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const { socket } = request;
  socket.on('error', () => {});
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'), () => socket.destroy());
}
