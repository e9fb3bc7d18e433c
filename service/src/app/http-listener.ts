import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Part } from './stack.ts';

/**
 * The HTTP server as a part: listens at the start; at the stop it takes no new connection, lets requests under way be
 * answered, and then closes whatever is still open, for a silent connection would hold the process for ever.
 */
export function createHttpListener(http: Server, { port, host }: { port: number; host: string }): Part {
  let underWay = 0;
  let onQuiet = () => {};
  http.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    underWay += 1;
    response.once('close', () => {
      underWay -= 1;
      if (underWay === 0) onQuiet();
    });
  });

  return {
    name: 'http',
    async start() {
      http.listen(port, host);
      await once(http, 'listening');
    },
    async stop() {
      const closed = once(http, 'close');
      http.close();
      if (underWay > 0)
        await new Promise<void>((resolve) => {
          onQuiet = resolve;
        });
      http.closeAllConnections();
      await closed;
    },
  };
}
