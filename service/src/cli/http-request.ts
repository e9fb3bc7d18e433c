import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** A response, and the end of its connection on this machine. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
}

interface RequestOptions {
  /** Default: POST with a body, else GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. Absent: none. */
  readonly body?: unknown;
  /** Of the whole exchange. Default: 10 s. */
  readonly timeoutMs?: number;
}

const maxBodyBytes = 1_048_576;

/**
 * One request on a connection of its own. Redirects are not followed.
 *
 * @throws an error of the network or of TLS, `ETIMEDOUT` when the answer is not complete in time, or an error for a body of
 * more than 1 MiB
 * @example
 * const { status, body } = await sendRequest('https://id.example/health/ready');
 */
export async function sendRequest(
  url: string,
  { timeoutMs = 10_000, ...options }: RequestOptions = {},
): Promise<HttpResponse> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await exchange(url, options, signal);
  } catch (error) {
    // The error of a request that was aborted says nothing of time.
    if (signal.aborted) throw Object.assign(new Error('no complete answer'), { code: 'ETIMEDOUT' });
    throw error;
  }
}

function exchange(
  url: string,
  { body, method = body === undefined ? 'GET' : 'POST', headers = {} }: RequestOptions,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false, signal, headers: { ...type, ...headers } }, (response) => {
      const { statusCode: status = 0, headers: received, socket } = response;
      // Read now, because a closed socket has no address.
      const { localAddress, localPort } = socket;
      const answer = { status, headers: received, localAddress, localPort };
      readText(response).then((content) => resolve({ ...answer, body: content }), reject);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A body that is too long ends the connection. */
async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) throw new Error('it answers with more than 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
