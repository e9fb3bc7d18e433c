import { createProxyTrust } from '../../../base/client-address.ts';
import { type Finding, failed, ok, skipped, warning } from '../finding.ts';
import { type RequestView, sendProbe } from '../request-probe.ts';
import type { Subject } from '../subject.ts';

/** An address of documentation (RFC 5737), which no client has. */
const forgedAddress = '192.0.2.1';

/** The proxy passes the header `Host` on. */
export async function checkHost(subject: Subject): Promise<Finding> {
  const view = await findView(subject);
  if (view === undefined) return noView;
  const { publicUrl } = subject.config;
  const expected = new URL(publicUrl).host;
  const seen = toHost(view.host, publicUrl);
  if (seen === expected) return ok(`nodes see the host ${expected}`);
  return warning(
    `the proxy replaces Host: nodes see ${view.host ?? 'none'}, not ${expected}`,
    'let the proxy pass Host on (nginx: proxy_set_header Host $http_host): without it, refused origins get a wrong reason, and backends behind the same proxy refuse proofs',
  );
}

/** Nodes see the address of a client, and no client can choose it. */
export async function checkProxy(subject: Subject): Promise<Finding> {
  const view = await findView(subject);
  if (view === undefined) return noView;
  if (view.isDirect) return ok('requests of this machine reach a node without a proxy');
  if (view.forwarded_for === null)
    return warning(
      `requests arrive from ${view.remote_address} without X-Forwarded-For, so that all clients may share this address`,
      'let the proxy send X-Forwarded-For, and name its address in LATCHKEY_TRUST_PROXY',
    );
  if (!view.is_proxy_trusted)
    return failed(
      `the proxy at ${view.remote_address} is not trusted, so that all clients share its address`,
      `add ${view.remote_address}, or the network of the proxies, to LATCHKEY_TRUST_PROXY`,
    );
  return checkForgery(subject, view);
}

/** Sends an address of its own, which the proxy has to replace or to complete. */
async function checkForgery({ config, secrets }: Subject, view: RequestView): Promise<Finding> {
  const forged = await sendProbe(config.publicUrl, secrets()!.keys('request-probe'), {
    'x-forwarded-for': forgedAddress,
  });
  if ('view' in forged && forged.view.forwarded_for === forgedAddress)
    return failed(
      'the proxy passes X-Forwarded-For of clients on as it is, so that each client can choose its address',
      'let the proxy append the address of its client (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for)',
    );
  // Where the address of this machine is trusted, such as that of a proxy on it, a node takes the forged one as well.
  if (createProxyTrust(config.trustProxy)({ remoteAddress: forgedAddress }))
    return failed(
      'LATCHKEY_TRUST_PROXY covers clients, so that each client can choose its address',
      'let LATCHKEY_TRUST_PROXY name the addresses of your proxies alone',
    );
  if (view.client_address === null)
    return warning(
      'the proxy writes an X-Forwarded-For that holds no address, so that limits by address do not apply',
      'let the proxy write the address of its client',
    );
  return ok(`the proxy at ${view.remote_address} is trusted; nodes see the address ${view.client_address}`);
}

const noView = skipped('no node of this version with the secret of this process answers at the public URL');

async function findView({ probe }: Subject): Promise<RequestView | undefined> {
  const accepted = (await probe()).find((result) => 'view' in result);
  return accepted && 'view' in accepted ? accepted.view : undefined;
}

/** Without the default port, which some proxies add. */
function toHost(host: string | null, publicUrl: string): string | undefined {
  const url = `${new URL(publicUrl).protocol}//${host}`;
  return host !== null && URL.canParse(url) ? new URL(url).host : undefined;
}
