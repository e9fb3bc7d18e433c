import { createServer } from 'node:http';
import { expect } from 'chai';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { toDeliveryFailure } from '../../src/mail/delivery-failure.ts';
import { verifySmtpServer } from '../../src/mail/mail-transport.ts';

/** The reason that is given for a server that cannot be used. */
async function failureOf(server: { readonly host: string; readonly port: number; readonly secure?: boolean }) {
  const connection = { secure: false, credentials: undefined, ...server };
  const error = await verifySmtpServer({ server: connection, requireTls: false }).catch((caught: unknown) => caught);
  return toDeliveryFailure(error);
}

describe('toDeliveryFailure', () => {
  it('names the error of the network, and the address of the server', async () => {
    const refused = { isPermanent: false, cause: 'mail_server_failed' };
    expect(await failureOf({ host: '127.0.0.1', port: 1 })).eql({
      ...refused,
      failure: 'connect ECONNREFUSED 127.0.0.1:1',
    });
    expect((await failureOf({ host: 'mail.invalid', port: 25 })).failure).match(
      /^(getaddrinfo|query\w*) E\w+ mail\.invalid$/,
    );
  });

  it('names the error of TLS', async () => {
    const plain = createServer();
    await listen(plain);
    const { failure } = await failureOf({ host: '127.0.0.1', port: portOf(plain), secure: true });
    plain.close();
    expect(failure).match(/^(EPROTO|ERR_SSL_\w+) at CONN$/);
  });

  it('names a server that answers byte by byte', async () => {
    const timers = new Set<NodeJS.Timeout>();
    const slow = createServer();
    slow.on('connection', (socket) => {
      timers.add(setInterval(() => socket.write('2'), 20));
      socket.on('error', () => {});
    });
    await listen(slow);
    const server = { host: '127.0.0.1', port: portOf(slow), secure: false, credentials: undefined };
    const error = await verifySmtpServer({ server, requireTls: false }, 300).catch((caught: unknown) => caught);
    for (const timer of timers) clearInterval(timer);
    slow.close();
    slow.closeAllConnections();
    expect(toDeliveryFailure(error)).include({ cause: 'mail_server_failed', failure: 'ETIMEDOUT' });
  });

  it('holds nothing of the reply but its codes', () => {
    const error = Object.assign(new Error('550 no ann@example.org here'), {
      ...{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550, response: '550 5.1.1 no ann@example.org here' },
    });
    expect(toDeliveryFailure(error)).eql({
      ...{ isPermanent: true, failure: '550 5.1.1 at RCPT TO', cause: 'mail_refused' },
    });
  });
});
