import { type KeyObject, randomBytes } from 'node:crypto';
import { paths } from '@latchkey/contract';
import type { z } from 'zod';
import { requestViewSchema } from '../../base/request-view.ts';
import { isProofAnswer, proveRequest } from '../../domain/secret/request-proof.ts';
import { sendRequest } from '../http-request.ts';
import { parseObject } from '../parse-object.ts';
import { sendToNodes } from './send-to-nodes.ts';

/** How a node saw a request. */
export interface RequestView extends Omit<z.output<typeof requestViewSchema>, 'answer'> {
  /** The connection of this process ends at the node: nothing is between them. */
  readonly isDirect: boolean;
}

/**
 * What became of a probe. `older`: the node has an older secret of this process, but not the newest. `refused`: it has none.
 * `unsupported`: it is of a version without this path, or no service.
 */
export type ProbeResult =
  | { readonly result: 'accepted' | 'older'; readonly view: RequestView }
  | { readonly result: 'refused' | 'unsupported' };

/** An address of documentation (RFC 5737), which no client has. */
export const forgedAddress = '192.0.2.1';

/** How nodes behind the public URL see requests, one after the other. */
export function probePublicUrl(
  publicUrl: string,
  keys: readonly KeyObject[],
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly ProbeResult[]> {
  return sendToNodes(() => sendProbe(publicUrl, keys, headers));
}

/**
 * One request that is proved by the newest key, or by an older one if the node lacks that.
 *
 * @param keys of the purpose `request-probe`, newest first
 * @throws an error of the network or of TLS
 */
async function sendProbe(
  publicUrl: string,
  keys: readonly KeyObject[],
  headers: Readonly<Record<string, string>>,
): Promise<ProbeResult> {
  for (const [age, key] of keys.entries()) {
    const probe = proveRequest(key, randomBytes(24).toString('base64url'));
    const response = await sendRequest(`${publicUrl}${paths.requestProbe}`, { headers, body: probe });
    if (response.status === 401) continue;
    const parsed = requestViewSchema.safeParse(parseObject(response.body));
    if (!parsed.success || !isProofAnswer(key, probe.nonce, parsed.data.answer)) return { result: 'unsupported' };
    const { answer: _, ...view } = parsed.data;
    return { result: age === 0 ? 'accepted' : 'older', view: { ...view, isDirect: isSameEnd(view, response) } };
  }
  return { result: 'refused' };
}

/** Whether both ends see the same address and port of this process. */
function isSameEnd(
  seen: Pick<z.output<typeof requestViewSchema>, 'remote_address' | 'remote_port'>,
  own: { readonly localAddress: string | undefined; readonly localPort: number | undefined },
): boolean {
  return seen.remote_port === own.localPort && plain(seen.remote_address) === plain(own.localAddress);
}

/** An IPv4 address as it is, also where IPv6 carries it. */
const plain = (address: string | null | undefined) => address?.replace(/^::ffff:/i, '');
