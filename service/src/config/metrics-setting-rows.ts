import { z } from 'zod';
import { host, integer } from './setting-schemas.ts';

/** Settings of metrics, a part of the table of settings. */
export const metricsSettings = {
  metricsPort: {
    env: 'LATCHKEY_METRICS_PORT',
    schema: integer(0, 65_535).optional(),
    description: 'TCP port that serves `/metrics` and nothing else. Absent: there is none.',
  },
  metricsHost: {
    env: 'LATCHKEY_METRICS_HOST',
    schema: host.optional(),
    description:
      'Address to listen on for `LATCHKEY_METRICS_PORT`. Default: 127.0.0.1, in production every interface. The port must not be public.',
  },
  metricsToken: {
    env: 'LATCHKEY_METRICS_TOKEN',
    schema: z
      .string()
      .regex(/^[\w.~+/-]{16,}=*$/, 'has to be at least 16 letters, digits or characters of -._~+/')
      .optional(),
    description:
      'Bearer token of `/metrics`, at least 16 characters. Set: `/metrics` is served on `PORT` as well, and refuses requests without the token on both ports.',
    secret: true,
  },
} as const;
