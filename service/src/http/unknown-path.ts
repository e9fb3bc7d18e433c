import { fail } from '@latchkey/contract';
import type { Layer } from './context.ts';
import type { Route } from './route.ts';

/** The end of the line: `not_found`, with `Allow` when the path is right and only the method is not. */
export function unknownPath(routes: readonly Route[]): Layer {
  return async (ctx) => {
    const methods = routes.filter((route) => isAt(route.path, ctx.path)).map((route) => route.method);
    if (methods.length > 0) ctx.set('Allow', methods.join(', '));
    throw fail('not_found');
  };
}

function isAt(pattern: string, path: string): boolean {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  return wanted.length === parts.length && wanted.every((part, at) => part.startsWith(':') || part === parts[at]);
}
