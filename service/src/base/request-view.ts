import { z } from 'zod';

/** How a node sees a request: what `POST /health/request` answers, and `doctor` reads. */
export const requestViewSchema = z.object({
  /** HMAC-SHA256 of the nonce by the key that made the proof. */
  answer: z.string(),
  host: z.string().nullable(),
  remote_address: z.string().nullable(),
  remote_port: z.int().nullable(),
  forwarded_for: z.string().nullable(),
  is_proxy_trusted: z.boolean(),
  /** The address that limits count, after trusted proxies were taken into account. */
  client_address: z.string().nullable(),
});
