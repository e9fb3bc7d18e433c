import type { Server, ServerOptions, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, errors, type Problem, problemType } from '@latchkey/contract';

const limits = {
  /** Milliseconds from a connection's first byte to the end of the headers. */
  headersTimeout: 10_000,
  /** Milliseconds to the end of the body. */
  requestTimeout: 30_000,
  /** Milliseconds an idle connection is kept: longer than load balancers keep theirs (60 s), so that they close it. */
  keepAliveTimeout: 65_000,
};

/** Options for `http.createServer`; how often time-outs are looked for can only be said there. */
export const serverOptions: ServerOptions = Object.freeze({
  ...limits,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
});

/**
 * Sets the time-outs of an existing server, and answers requests that cannot be parsed.
 *
 * @example
 * configureServer(createServer(serverOptions, app.callback()));
 */
export function configureServer(server: Server): void {
  Object.assign(server, limits, { maxHeadersCount: 100 });
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, answer) => void answers.set(socket, answer));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Whatever is written into an answer that has begun would be read as a part of it.
    if (isInFlight(answers.get(socket))) socket.destroy();
    else sendClientError(error, socket);
  });
}

function isInFlight(answer: ServerResponse | undefined): boolean {
  return answer?.headersSent === true && !answer.writableFinished;
}

const codes: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'payload_too_large',
};

function sendClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(toProblemBody(codes[error.code ?? ''] ?? 'invalid_request'));
  socket.end(toRawResponse(JSON.parse(body).status, body), () => socket.destroy());
}

function toProblemBody(code: ErrorCode): Omit<Problem, 'request_id'> {
  return { type: problemType(code), title: errors[code].message, status: errors[code].status, code };
}

function toRawResponse(status: number, body: string): string {
  return [
    `HTTP/1.1 ${status} Refused`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
