import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectTcp, type NetConnectOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/**
 * An agent for the connection to the service, which can be reset.
 *
 * @param isSecure for `https:`. The TCP connection is then made apart from TLS, because only TCP sockets can be reset.
 * @example
 * const { agent, reset } = createResettableAgent(true);
 */
export function createResettableAgent(isSecure: boolean) {
  let newest: Socket | undefined;
  const agent = isSecure ? new HttpsAgent() : new HttpAgent();
  agent.createConnection = (options: ClientRequestArgs) => {
    // `path` is the request's; for a socket it would name a pipe.
    const tcp = connectTcp({ ...options, path: options.socketPath } as NetConnectOpts);
    newest = tcp;
    return isSecure ? connectTls({ ...(options as ConnectionOptions), path: undefined, socket: tcp }) : tcp;
  };
  return Object.freeze({
    agent,
    /**
     * Resets the newest TCP connection (RST), whatever its peer does. What waits to be sent is thrown away: it must not reach
     * a service that reads on after a minute. A WebSocket's own close waits for its peer, and for all that was written.
     */
    reset() {
      // The first call waits while the socket connects; the second one alone closes without a reset.
      newest?.resetAndDestroy();
      newest?.destroy();
    },
  });
}
