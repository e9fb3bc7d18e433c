import { paths } from '@latchkey/contract';
import { codeOf, describeConnectionError, findCertificateRemedy } from '../../connection-error.ts';
import { type HttpResponse, sendRequest } from '../../http-request.ts';
import { parseObject } from '../../parse-object.ts';
import { type Finding, failed, ok } from '../finding.ts';
import { sendToNodes } from '../send-to-nodes.ts';
import type { Subject } from '../subject.ts';

/** What answers at the public URL is this service, by its issuer. */
export async function checkPublicUrl({ config: { publicUrl, issuer } }: Subject): Promise<Finding> {
  let responses: readonly HttpResponse[];
  try {
    responses = await sendToNodes(() => sendRequest(`${publicUrl}${paths.metadata}`));
  } catch (error) {
    return failed(
      `${publicUrl} cannot be reached, because ${describeConnectionError(error)}`,
      findCertificateRemedy(codeOf(error), certificateRemedies) ??
        'start the service and its proxy, or correct LATCHKEY_PUBLIC_URL or its DNS record',
    );
  }
  const findings = responses.map((response) => judge(response, { publicUrl, issuer }));
  return findings.find(({ outcome }) => outcome !== 'ok') ?? findings[0]!;
}

const certificateRemedies = {
  authority:
    'let the proxy send the whole chain of its certificate; if the authority is your own, set NODE_EXTRA_CA_CERTS to the file with its certificate, for this command and for backends',
  host: 'let the certificate of the proxy name the host of LATCHKEY_PUBLIC_URL, or correct LATCHKEY_PUBLIC_URL',
  holder: 'the proxy',
};

function judge(
  { status, headers, body }: HttpResponse,
  { publicUrl, issuer }: Pick<Subject['config'], 'publicUrl' | 'issuer'>,
): Finding {
  if (status >= 300 && status < 400)
    return failed(
      `${publicUrl} redirects to ${toOrigin(headers.location, publicUrl)}`,
      'set LATCHKEY_PUBLIC_URL to the address that users have, and let the proxy not redirect requests of the service',
    );
  if (status >= 500)
    return failed(
      `${publicUrl} answers ${status}: the proxy reaches no node`,
      'start nodes, and correct the upstream of the proxy',
    );
  const found = parseObject(body)?.issuer;
  if (status !== 200 || typeof found !== 'string')
    return failed(
      `${publicUrl} answers ${status}, but not as this service`,
      'let the proxy pass every path of this host to the service, or correct LATCHKEY_PUBLIC_URL',
    );
  if (found !== issuer)
    return failed(
      `the service at ${publicUrl} has the public URL ${found.slice(0, 256)}`,
      'set the same LATCHKEY_PUBLIC_URL on every node, or let the proxy lead to nodes of this deployment',
    );
  return ok(`${publicUrl} answers as this service`);
}

/** Without its path, which may be long or hold data of a user. */
function toOrigin(location: string | undefined, base: string): string {
  return location !== undefined && URL.canParse(location, base) ? new URL(location, base).origin : 'another address';
}

/** The nodes behind the public URL are ready. */
export async function checkReadiness({ config: { publicUrl } }: Subject): Promise<Finding> {
  const responses = await sendToNodes(() => sendRequest(`${publicUrl}${paths.healthReady}`));
  const refused = responses.find(({ status }) => status !== 200);
  if (refused === undefined) return ok('the nodes are ready');
  const checks = Object.entries(parseObject(refused.body)?.checks ?? {});
  const failing = checks.filter(([, result]) => result !== 'ok').map(([name]) => name.slice(0, 32));
  return failed(
    `a node is not ready (${failing.join(', ') || refused.status})`,
    'read the log of the node, and the table of checks in docs/run/operations.md',
  );
}
