import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLatchkey } from '@latchkey/sdk-server';
import { serveCalls } from '../../bench/serve-calls.ts';
import type { BackendCredential } from './backend.ts';
import { transfer, transferInput } from './transfer.ts';

export type ApiHostCalls = {
  /** Listens and returns the port. */
  listen(credential: BackendCredential): Promise<number>;
};

/** Above any load of the bench, because the limit of messages a second is not measured. */
const limits = { messageBurst: 1e9, messagesPerSecond: 1e9 };

/** A backend with one call, as an app would write it, in a separate process. */
const calls: ApiHostCalls = {
  async listen(credential) {
    const http = createServer();
    const latchkey = createLatchkey(credential);
    const io = latchkey.socketServe(http, { origins: () => true, limits });
    latchkey.apiRouter(io, 'api').on('transfer', { input: transferInput }, transfer);
    await latchkey.ready();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return (http.address() as AddressInfo).port;
  },
};

serveCalls(calls);
