import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { Shutdown } from './shutdown.ts';

/** HTTP requests in flight, which a stop waits for. */
export interface InFlightRequests {
  /** All requests of a server. */
  trackServer(httpServer: HttpServer): void;
  /** The request of this response, until the response is closed. */
  track(response: unknown): void;
  /** The same guard, whose requests are held. */
  tracked<Args extends unknown[], Result>(
    guard: (...args: Args) => Result,
    responseOf: (...args: Args) => unknown,
  ): (...args: Args) => Result;
}

/** Requests that arrive during a stop are not waited for; their connections are closed with the response. */
export function createInFlightRequests(
  shutdown: Pick<Shutdown, 'registerActivity' | 'isServerShutDownInProgress'>,
): InFlightRequests {
  const held = new WeakSet<ServerResponse>();

  function track(response: unknown): void {
    if (!isResponse(response) || held.has(response)) return;
    held.add(response);
    // Its client disconnected while earlier middleware was at work, and there is no further `close`.
    if (response.closed) return;
    if (shutdown.isServerShutDownInProgress()) response.shouldKeepAlive = false;
    else response.once('close', shutdown.registerActivity(`HTTP ${response.req.method}`));
  }

  return Object.freeze<InFlightRequests>({
    track,
    trackServer: (httpServer) => void httpServer.on('request', (_request, response) => track(response)),
    tracked:
      (guard, responseOf) =>
      (...args) => {
        track(responseOf(...args));
        return guard(...args);
      },
  });
}

/** A guard that was given the objects of another framework refuses them itself. */
function isResponse(value: unknown): value is ServerResponse {
  return typeof value === 'object' && value !== null && 'writableFinished' in value && 'req' in value;
}
