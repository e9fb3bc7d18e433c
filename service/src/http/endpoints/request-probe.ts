import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { RouteCall } from '../route.ts';

/** 22 to 128 characters of base64url, and an HMAC-SHA256 of them. */
export const probeBody = z.strictObject({
  nonce: z.string().regex(/^[\w-]{22,128}$/, 'has to be 22 to 128 characters of base64url'),
  proof: z.string().regex(/^[\w-]{43}$/, 'has to be an HMAC-SHA256 in base64url'),
});

/**
 * How this node sees the request: `doctor` compares that with what it sent, to find out what a proxy changes. A caller without
 * the secret gets no answer, because it shows the address of the proxy.
 */
export const describeRequest =
  (flows: Pick<Flows, 'answerProbe'>) =>
  async ({ body, peer, arrival }: RouteCall<z.output<typeof probeBody>>) => {
    const { answer } = await flows.answerProbe(body);
    const { host, remoteAddress, remotePort, forwardedFor, isProxyTrusted } = arrival();
    return {
      ...{ answer, host, remote_address: remoteAddress, remote_port: remotePort },
      ...{ forwarded_for: forwardedFor, is_proxy_trusted: isProxyTrusted, client_address: peer.address },
    };
  };
