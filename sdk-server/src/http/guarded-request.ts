import type { IncomingMessage } from 'node:http';

/** What a guard reads of a request. */
export interface GuardedRequest extends Pick<IncomingMessage, 'headers' | 'method' | 'url'> {
  /** The path and query as they came, where a framework cuts `url` short for mounted routes. */
  readonly originalUrl?: string | undefined;
  readonly socket?: object | null;
}

/** Under which a client may have sent the request: what its proof has to name; none for what is no path. */
export function requestUrls(
  { headers, url, originalUrl, socket }: GuardedRequest,
  publicUrl: string | undefined,
): string[] {
  const path = originalUrl ?? url ?? '';
  // A target that is no path (`*`, a whole URL) could change the origin before it.
  if (!path.startsWith('/')) return [];
  if (publicUrl !== undefined) return [publicUrl + path];
  if (!plainHost.test(headers.host ?? '')) return [];
  const address = `//${headers.host}${path}`;
  // Where TLS ended at a proxy, the connection does not show it.
  return isEncrypted(socket) ? [`https:${address}`] : [`http:${address}`, `https:${address}`];
}

/** Host and port alone: `api.example/a?` would make every path the one that the proof names. */
const plainHost = /^[^/?#@\\\s]+$/;

const isEncrypted = (socket: object | null | undefined): boolean =>
  socket !== null && socket !== undefined && 'encrypted' in socket && socket.encrypted === true;
