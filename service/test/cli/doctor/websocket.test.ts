import { createServer } from 'node:http';
import { expect } from 'chai';
import { Server as SocketServer } from 'socket.io';
import { listen } from '../../../../test-kit/listen.ts';
import { checkWebSocket } from '../../../src/cli/doctor/checks/websocket.ts';
import type { Subject } from '../../../src/cli/doctor/subject.ts';

describe('the check of WebSocket', () => {
  it('ends when the upgrade is answered, and nothing after it', async () => {
    const server = createServer();
    const sockets = new SocketServer(server);
    // No client joins the namespace.
    sockets.use(() => {});
    const publicUrl = await listen(server);
    const finding = await checkWebSocket({ config: { publicUrl, longPolling: false } } as Subject, 1_000);
    await sockets.close();
    expect(finding).include({
      outcome: 'failed',
      message: `no WebSocket is opened at ${publicUrl} (it does not answer (ETIMEDOUT))`,
    });
  });
});
