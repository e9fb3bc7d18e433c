import { fail } from '@latchkey/contract';
import type { Middleware } from '../context.ts';
import type { HttpRoute } from '../route.ts';

/** The last middleware: `not_found`, with `Allow` when the path exists and only the method does not. */
export function notFound(routes: readonly HttpRoute[]): Middleware {
  return async (ctx) => {
    const methods = routes.filter((route) => matchesPattern(route.path, ctx.path)).map((route) => route.method);
    if (methods.length > 0) ctx.set('Allow', methods.join(', '));
    throw fail('not_found');
  };
}

function matchesPattern(pattern: string, path: string): boolean {
  const parts = path.split('/');
  const expected = pattern.split('/');
  return expected.length === parts.length && expected.every((part, at) => part.startsWith(':') || part === parts[at]);
}
