import { createOriginMatcher, fail } from '@latchkey/contract';
import type { ServiceCause } from '../../ops/causes.ts';
import type { Context } from '../context.ts';
import type { HttpAppDeps } from '../deps.ts';

export type Origins = ReturnType<typeof createOrigins>;

/**
 * Which pages may call the service.
 *
 * @example
 * const origins = createOrigins({ config, causes });
 * origins.assertAllowed(ctx);
 */
export function createOrigins({ config, causes }: Pick<HttpAppDeps, 'config' | 'causes'>) {
  const { trustedOrigins, publicUrl } = config;
  const isAllowed = createOriginMatcher(trustedOrigins);
  const refused = ({ req }: Context): string | undefined => {
    const { origin } = req.headers;
    return origin === undefined || isAllowed(origin) ? undefined : origin;
  };

  return Object.freeze({
    isAllowed,
    /** Reports a request of a page that may not. Without `Origin` it is no cross-site request of a browser. */
    report(ctx: Context) {
      const origin = refused(ctx);
      if (origin !== undefined) causes.report(causeOf(ctx, origin), { origin: origin.slice(0, 256), publicUrl });
    },
    /** @throws forbidden */
    assertAllowed(ctx: Context) {
      const origin = refused(ctx);
      if (origin === undefined) return;
      const cause = causeOf(ctx, origin);
      const message = `This page was opened under another address than the service's own. Open it under ${publicUrl}.`;
      const options = cause === 'public_url_differs' ? { message } : {};
      throw fail('forbidden', { ...options, detail: causes.explain(cause) });
    },
  });
}

/**
 * A page that calls the host which it came from is the service's own. Where a proxy rewrites `Host`, the browser says so
 * (Fetch Metadata, `Sec-Fetch-Site`), over https and at `localhost`.
 */
function causeOf({ host, req }: Context, origin: string): ServiceCause {
  const isOwn =
    req.headers['sec-fetch-site'] === 'same-origin' ||
    (URL.canParse(origin) && new URL(origin).host === host.toLowerCase());
  return isOwn ? 'public_url_differs' : 'foreign_origin';
}
