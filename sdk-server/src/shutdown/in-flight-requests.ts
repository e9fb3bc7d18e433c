import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Shutdown } from './shutdown.ts';

/** HTTP requests in flight, which a stop waits for. */
export interface InFlightRequests {
  /** All requests of a server. */
  trackServer(httpServer: HttpServer): void;
  /** Counts the request of this response as in flight until the response is closed. */
  track(response: unknown): void;
  /** Wraps a guard so that each request that it checks is tracked until its response is closed. */
  tracked<Args extends unknown[], Result>(
    guard: (...args: Args) => Result,
    responseOf: (...args: Args) => unknown,
  ): (...args: Args) => Result;
}

/** Requests that arrive during a stop are not waited for; their connections are closed with the response. */
export function createInFlightRequests(
  shutdown: Pick<Shutdown, 'registerActivity' | 'isServerShutDownInProgress'>,
): InFlightRequests {
  function track(response: unknown): void {
    if (!isResponse(response)) return;
    const request: TrackedRequest = response.req;
    // Its client disconnected while earlier middleware was at work, and there is no further `close`.
    if (response.closed || request[tracked]) return;
    request[tracked] = true;
    if (shutdown.isServerShutDownInProgress()) response.shouldKeepAlive = false;
    else response.on('close', shutdown.registerActivity(`HTTP ${response.req.method}`));
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

/**
 * Marks the request of a response that is tracked. A `WeakSet` of all responses costs each request several microseconds of
 * garbage collection. The socket cannot have the mark: the response of a pipelined request has none until its turn.
 */
const tracked: unique symbol = Symbol('tracked');

type TrackedRequest = IncomingMessage & { [tracked]?: boolean };

/** A guard that was given the objects of another framework refuses them itself. */
function isResponse(value: unknown): value is ServerResponse {
  return typeof value === 'object' && value !== null && 'writableFinished' in value && 'req' in value;
}
