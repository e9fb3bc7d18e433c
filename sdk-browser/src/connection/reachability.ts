import { isTransientStatus } from '@latchkey/contract';

/**
 * What the socket server answers over HTTP when no WebSocket could be opened. Browsers do not expose why a WebSocket failed.
 *
 * - `polling`          the server offers long polling
 * - `no_websocket`     the server answers, so the network or a proxy does not support WebSocket
 * - `origin_refused`   the server does not allow the origin of this page
 * - `not_a_service`    another server answers
 * - `unavailable`      no answer, or a transient error
 */
export type Reachability = 'polling' | 'no_websocket' | 'origin_refused' | 'not_a_service' | 'unavailable';

/** The default path of Socket.IO. */
const path = '/socket.io/?EIO=4&transport=polling';
const timeoutMs = 5_000;

/** Returns the error code of an Engine.IO answer, or `undefined`. */
function engineCodeOf(body: string): unknown {
  try {
    return (JSON.parse(body) as { code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
}

/** Classifies an answer. Codes of Engine.IO: 0 unknown transport, 3 bad request, 4 forbidden. */
function classifyResponse(status: number, body: string): Reachability {
  if (isTransientStatus(status)) return 'unavailable';
  const code = engineCodeOf(body);
  if (status === 403 && code === 4) return 'origin_refused';
  if (status === 400 && code === 0) return 'no_websocket';
  const isOffered = (status === 400 && code === 3) || (status === 200 && body.startsWith('0{'));
  return isOffered ? 'polling' : 'not_a_service';
}

/**
 * Sends one simple GET (without a CORS preflight) to the socket server at `url` and classifies the answer. It opens no connection
 * at a Latchkey service. Never rejects.
 */
export async function checkReachability(url: string, fetch: typeof globalThis.fetch): Promise<Reachability> {
  try {
    const { origin } = new URL(url);
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(origin + path, { credentials: 'omit', cache: 'no-store', signal });
    return classifyResponse(response.status, await response.text());
  } catch {
    return 'unavailable';
  }
}
