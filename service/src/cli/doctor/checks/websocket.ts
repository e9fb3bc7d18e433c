import { io } from 'socket.io-client';
import { describeSocketError } from '../../connection-error.ts';
import { type Finding, failed, ok, warning } from '../finding.ts';
import type { Subject } from '../subject.ts';

const remedy =
  'let the proxy pass WebSocket on for /socket.io/ (nginx: proxy_http_version 1.1, proxy_set_header Upgrade and Connection)';

/** A WebSocket of a page of the service can be opened. It is closed before a sign-in. */
export async function checkWebSocket(
  { config: { publicUrl, longPolling } }: Subject,
  timeoutMs = 10_000,
): Promise<Finding> {
  const reason = await findRefusal(publicUrl, timeoutMs);
  if (reason === undefined) return ok('a WebSocket is opened and answered');
  const message = `no WebSocket is opened at ${publicUrl} (${reason})`;
  if (longPolling) return warning(`${message}; browsers use long polling`, remedy);
  return failed(message, remedy);
}

/** Why no connection is made; `undefined`: one was made. */
function findRefusal(url: string, timeoutMs: number): Promise<string | undefined> {
  const socket = io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: { origin: url },
  });
  const refusal = new Promise<string | undefined>((resolve) => {
    // The time-out of Socket.IO ends with the upgrade. What joins the namespace may still not be answered.
    AbortSignal.timeout(timeoutMs).addEventListener('abort', () => resolve(describeSocketError(noAnswer())));
    socket.once('connect', () => resolve(undefined));
    socket.once('connect_error', (error) => resolve(describeSocketError(error)));
    // Cut after the upgrade, and before the namespace was joined.
    socket.io.once('close', (reason) => resolve(reason));
  });
  return refusal.finally(() => socket.disconnect());
}

const noAnswer = () => Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
