import { createServer, type RequestListener, type Server } from 'node:http';
import { expect } from 'chai';
import { listen } from '../../../test-kit/listen.ts';
import { sendRequest } from '../../src/cli/http-request.ts';

describe('sendRequest', () => {
  let server: Server;
  let url: string;
  let answer: RequestListener;
  const timers = new Set<NodeJS.Timeout>();

  before(async () => {
    server = createServer((request, response) => answer(request, response));
    url = await listen(server);
  });
  after(() => {
    for (const timer of timers) clearInterval(timer);
    server.close();
    server.closeAllConnections();
  });

  const failureOf = (timeoutMs: number) =>
    sendRequest(url, { timeoutMs }).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );

  it('returns status and body', async () => {
    answer = (_request, response) => void response.writeHead(404).end('größer');
    expect(await sendRequest(url)).include({ status: 404, body: 'größer' });
  });

  it('ends by ETIMEDOUT when nothing is answered', async () => {
    answer = () => {};
    expect(await failureOf(200)).equal('ETIMEDOUT');
  });

  it('ends by ETIMEDOUT when the body arrives byte by byte', async () => {
    answer = (_request, response) => void timers.add(setInterval(() => response.write('x'), 20));
    expect(await failureOf(200)).equal('ETIMEDOUT');
  });

  it('reads no endless body', async () => {
    answer = (_request, response) => {
      const write = () => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', write);
      write();
    };
    expect(await failureOf(10_000)).equal('it answers with more than 1 MiB');
  });
});
