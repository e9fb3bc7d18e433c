import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { serveCalls } from '../../bench/serve-calls.ts';
import { type Transfer, transfer } from './transfer.ts';

export type PlainApiHostCalls = {
  /** Listens and returns the port. */
  listen(): Promise<number>;
};

/** Socket.IO with its defaults and one handler that acknowledges every call. */
const calls: PlainApiHostCalls = {
  async listen() {
    const http = createServer();
    const io = new Server(http, { transports: ['websocket'], serveClient: false });
    io.on('connection', (socket) => {
      socket.on('api', (_call: string, params: Transfer, acknowledge: (answer: object) => void) => {
        acknowledge({ ok: true, data: transfer(params) });
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return (http.address() as AddressInfo).port;
  },
};

serveCalls(calls);
