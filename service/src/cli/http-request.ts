import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

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
}

const timeoutMs = 10_000;

/**
 * One request on a connection of its own. Redirects are not followed.
 *
 * @throws an error of the network or of TLS, `ETIMEDOUT` after 10 s
 * @example
 * const { status, body } = await sendRequest('https://id.example/health/ready');
 */
export async function sendRequest(
  url: string,
  { body, method = body === undefined ? 'GET' : 'POST', headers = {} }: RequestOptions = {},
): Promise<HttpResponse> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, agent: false, timeout: timeoutMs, headers: { ...type, ...headers } },
      (response) => {
        const { statusCode: status = 0, headers: received, socket } = response;
        // Read now, because a closed socket has no address.
        const { localAddress, localPort } = socket;
        const answer = { status, headers: received, localAddress, localPort };
        text(response).then((content) => resolve({ ...answer, body: content }), reject);
      },
    );
    sent.once('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
