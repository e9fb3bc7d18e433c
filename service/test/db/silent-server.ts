import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** Of a server that exists in this test alone. */
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFFdjVpv729Za6zNl
Js9iBRX9b7IsDB/UH5+P6GN36AqhRANCAARh2rvsGfKvR/GFPmI2TfGcSxitIaEq
Hg5sf0v+w06AkzPHrx+RnN8zbmy/jW6T+ng/gLX6lbHJb3u78tt61KUv
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUMMvjVtuN250T0kGgfUbGzemZQXowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODIwMTkzMFoYDzIxMjYxMTA0
MjAxOTMwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARh2rvsGfKvR/GFPmI2TfGcSxitIaEqHg5sf0v+w06AkzPHrx+RnN8z
bmy/jW6T+ng/gLX6lbHJb3u78tt61KUvo1MwUTAdBgNVHQ4EFgQUYWxT+pWWHHIZ
VIE3zENegEE3q1YwHwYDVR0jBBgwFoAUYWxT+pWWHHIZVIE3zENegEE3q1YwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA4yI5Z+0kpDDWVXNkYkPi
mfe9ejWehUyw+U/1h7Ohh5YCIQDvVmSpcTnjl71gnmdUM5ki92OJ+Zz2qbobe6Lv
/V4WSQ==
-----END CERTIFICATE-----
`,
};

const message = (type: string, body: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};
const authenticated = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]);
const sslRequest = 80_877_103;

/**
 * A server of PostgreSQL that answers the sign-in, and nothing after it. `ends`: how each connection ended.
 *
 * @param pauses whether it reads nothing after the sign-in until `readOn` is called
 */
export async function startSilentServer(listen: (server: Server) => void, pauses = false) {
  const ends: string[] = [];
  let readOn = () => {};
  const signedIn: Socket[] = [];
  function signIn(socket: Socket, tcp: Socket): void {
    signedIn.push(socket);
    socket.write(authenticated);
    if (!pauses) return;
    tcp.pause();
    readOn = () => void socket.resume();
  }
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const onError = (error: NodeJS.ErrnoException) => ends.push(error.code ?? error.message);
    const onClose = (hadError: boolean) => hadError || ends.push('closed');
    socket.on('error', onError);
    socket.on('close', onClose);
    socket.once('data', (startup) => {
      if (startup.readInt32BE(4) !== sslRequest) return signIn(socket, socket);
      socket.write('S');
      const secured = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(certificate) });
      secured.on('error', onError);
      secured.on('close', onClose);
      socket.off('close', onClose);
      secured.once('data', () => signIn(secured, socket));
    });
  });
  listen(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    ends,
    readOn: () => readOn(),
    /** Asks each connection for an authentication of this type. */
    requestAuthentication(type: number): void {
      const body = Buffer.alloc(4);
      body.writeInt32BE(type);
      for (const socket of signedIn) socket.write(message('R', body));
    },
    connections: () => sockets.length,
    bytesRead: () => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
    port: (server.address() as AddressInfo | null)?.port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
