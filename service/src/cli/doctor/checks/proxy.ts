import { createProxyTrust } from '../../../base/client-address.ts';
import { type Finding, failed, ok, skipped, warning } from '../finding.ts';
import { forgedAddress, type ProbeResult, type RequestView } from '../request-probe.ts';
import type { Subject } from '../subject.ts';

/** The proxy passes the header `Host` on. */
export async function checkHost({ config: { publicUrl }, probe }: Subject): Promise<Finding> {
  const views = toViews(await probe());
  if (views.length === 0) return noView;
  const expected = new URL(publicUrl).host;
  const others = views.filter(({ host }) => toHost(host, publicUrl) !== expected);
  if (others.length === 0) return ok(`nodes see the host ${expected}`);
  return warning(
    `the proxy replaces Host: nodes see ${listValues(others, 'host')}, not ${expected}${inPart(others, views)}`,
    'let the proxy pass Host on (nginx: proxy_set_header Host $http_host): without it, refused origins get a wrong reason, and backends behind the same proxy refuse proofs',
  );
}

/** Nodes see the address of a client, and no client can choose it. */
export async function checkProxy({ config, probe, probeForged }: Subject): Promise<Finding> {
  const all = toViews(await probe());
  if (all.length === 0) return noView;
  const plain = all.filter(({ isDirect }) => !isDirect);
  if (plain.length === 0) return ok('requests of this machine reach a node without a proxy');
  const forged = toViews(await probeForged()).filter(({ isDirect }) => !isDirect);
  return (
    findForgery(forged) ?? findDistrust([...plain, ...forged]) ?? findCoveredClients(config) ?? judgeAddresses(plain)
  );
}

/** Judges requests with an address of their own, which the proxy has to replace or to complete. */
function findForgery(forged: readonly RequestView[]): Finding | undefined {
  const passed = forged.filter(({ forwarded_for }) => forwarded_for === forgedAddress);
  if (passed.length === 0) return undefined;
  return failed(
    `the proxy passes X-Forwarded-For of clients on as it is, so that each client can choose its address${inPart(passed, forged)}`,
    'let the proxy append the address of its client (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for)',
  );
}

function findDistrust(views: readonly RequestView[]): Finding | undefined {
  const untrusted = views.filter((view) => view.forwarded_for !== null && !view.is_proxy_trusted);
  if (untrusted.length === 0) return undefined;
  const addresses = listValues(untrusted, 'remote_address');
  const everywhere = untrusted.length === views.length ? '' : ' of every node';
  return failed(
    `the proxy at ${addresses} is not trusted, so that all clients share its address${inPart(untrusted, views)}`,
    `add ${addresses}, or the network of the proxies, to LATCHKEY_TRUST_PROXY${everywhere}`,
  );
}

/** Where the address of this machine is trusted, such as that of a proxy on it, a node takes the forged one as well. */
function findCoveredClients({ trustProxy }: Subject['config']): Finding | undefined {
  if (!createProxyTrust(trustProxy)({ remoteAddress: forgedAddress })) return undefined;
  return failed(
    'LATCHKEY_TRUST_PROXY covers clients, so that each client can choose its address',
    'let LATCHKEY_TRUST_PROXY name the addresses of your proxies alone',
  );
}

function judgeAddresses(views: readonly RequestView[]): Finding {
  const without = views.filter(({ forwarded_for }) => forwarded_for === null);
  if (without.length > 0)
    return warning(
      `requests arrive from ${listValues(without, 'remote_address')} without X-Forwarded-For, so that all clients may share this address${inPart(without, views)}`,
      'let the proxy send X-Forwarded-For, and name its address in LATCHKEY_TRUST_PROXY',
    );
  const unreadable = views.filter(({ client_address }) => client_address === null);
  if (unreadable.length > 0)
    return warning(
      `the proxy writes an X-Forwarded-For that holds no address, so that limits by address do not apply${inPart(unreadable, views)}`,
      'let the proxy write the address of its client',
    );
  return ok(
    `the proxy at ${listValues(views, 'remote_address')} is trusted; nodes see the address ${listValues(views, 'client_address')}`,
  );
}

const noView = skipped('no node of this version with the secret of this process answers at the public URL');

const toViews = (results: readonly ProbeResult[]): readonly RequestView[] =>
  results.flatMap((result) => ('view' in result ? [result.view] : []));

/** Each value once. */
const listValues = (views: readonly RequestView[], name: 'host' | 'remote_address' | 'client_address') =>
  [...new Set(views.map((view) => view[name] ?? 'none'))].join(' and ');

/** How many requests it concerns, where nodes or proxies differ. */
const inPart = (part: readonly unknown[], all: readonly unknown[]) =>
  part.length === all.length ? '' : ` (${part.length} of ${all.length} requests)`;

/** Without the default port, which some proxies add. */
function toHost(host: string | null, publicUrl: string): string | undefined {
  const url = `${new URL(publicUrl).protocol}//${host}`;
  return host !== null && URL.canParse(url) ? new URL(url).host : undefined;
}
