import { isTransientStatus } from '@latchkey/contract';

/**
 * What the socket server's path says over HTTP when no WebSocket could be opened. Browsers show a page no reason for
 * a refused WebSocket.
 *
 * - `polling`          the server offers long polling
 * - `no_websocket`     the server answers; the network, or a proxy, carries no WebSocket
 * - `origin_refused`   the server answers, and does not allow this page's origin
 * - `not_a_service`    something else answers there
 * - `unavailable`      nothing answers, or something says that it cannot now
 */
export type Reachability = 'polling' | 'no_websocket' | 'origin_refused' | 'not_a_service' | 'unavailable';

/** The default path of Socket.IO. */
const path = '/socket.io/?EIO=4&transport=polling';
const timeoutMs = 5_000;

/** The error code of Engine.IO's answer; `undefined` when it is none. */
function engineCodeOf(body: string): unknown {
  try {
    return (JSON.parse(body) as { code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
}

/** Engine.IO's codes: 0 the transport is not offered, 3 something is missing in the request, 4 forbidden. */
function classifyResponse(status: number, body: string): Reachability {
  if (isTransientStatus(status)) return 'unavailable';
  const code = engineCodeOf(body);
  if (status === 403 && code === 4) return 'origin_refused';
  if (status === 400 && code === 0) return 'no_websocket';
  const isOffered = (status === 400 && code === 3) || (status === 200 && body.startsWith('0{'));
  return isOffered ? 'polling' : 'not_a_service';
}

/**
 * Asks the socket server at `url` what it is, by one simple GET (no CORS preflight), which opens no connection at a
 * Latchkey service. Never rejects.
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
