import { createServer as createTlsServer, type Server } from 'node:https';
import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { makeCertificate } from '../../../../test-kit/certificate.ts';
import { listen, portOf } from '../../../../test-kit/listen.ts';
import { checkDatabase } from '../../../src/cli/doctor/checks/database.ts';
import { checkMail } from '../../../src/cli/doctor/checks/mail.ts';
import { checkPublicUrl } from '../../../src/cli/doctor/checks/public-url.ts';
import type { Subject } from '../../../src/cli/doctor/subject.ts';
import { openInspection } from '../../../src/db/inspection.ts';

const { certificate: cert, key } = makeCertificate({ isSelfSigned: false });

/** A server that takes TLS as PostgreSQL does: after a request for it. */
function createDatabaseServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('S');
      new TLSSocket(socket, { isServer: true, cert, key }).on('error', () => {});
    });
  });
  return Object.assign(server, {
    closeAll() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
}

describe('doctor, before a server whose certificate is refused', () => {
  let web: Server;
  let database: ReturnType<typeof createDatabaseServer>;

  before(async () => {
    web = createTlsServer({ cert, key }, (_request, response) => void response.end());
    web.on('tlsClientError', () => {});
    database = createDatabaseServer();
    await Promise.all([listen(web), listen(database as never)]);
  });
  after(() => {
    web.close();
    web.closeAllConnections();
    database.closeAll();
  });

  it('names sslrootcert of the database', async () => {
    const databaseUrl = `postgres://ann:hunter2@localhost:${portOf(database as never)}/app?sslmode=verify-full`;
    const config = { embedded: false, databaseUrl };
    const finding = await checkDatabase({ config, connect: () => openInspection(databaseUrl) } as unknown as Subject);
    expect(finding).include({ outcome: 'failed' });
    expect(finding.message).contain('its TLS certificate is not accepted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)');
    expect(finding.remedy).contain('sslrootcert in DATABASE_URL');
  });

  it('names the chain of the proxy, and NODE_EXTRA_CA_CERTS', async () => {
    const publicUrl = `https://localhost:${portOf(web)}`;
    const finding = await checkPublicUrl({ config: { publicUrl, issuer: publicUrl } } as Subject);
    expect(finding).include({ outcome: 'failed' });
    expect(finding.message).contain('its TLS certificate is not accepted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)');
    expect(finding.remedy).contain('the whole chain').and.contain('NODE_EXTRA_CA_CERTS');
  });

  it('names the chain of the mail server, and NODE_EXTRA_CA_CERTS', async () => {
    const config = { smtpUrl: `smtps://localhost:${portOf(web)}`, mailFrom: 'no-reply@example.org', production: false };
    const finding = await checkMail({ config } as Subject);
    expect(finding.message).equal('the mail server cannot be used (UNABLE_TO_VERIFY_LEAF_SIGNATURE at CONN)');
    expect(finding.remedy).contain('the whole chain').and.contain('NODE_EXTRA_CA_CERTS');
  });

  it('gives the reason of an error of the database that has no sentence', async () => {
    const connect = () => Promise.reject(new Error('cannot read postgres://ann:hunter2@db/app'));
    const finding = await checkDatabase({ config: { embedded: false }, connect } as unknown as Subject);
    expect(finding.message).contain('because of an error: cannot read').and.not.contain('hunter2');
  });
});
