import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, pagePaths } from '@latchkey/contract';
import type Koa from 'koa';
import serve from 'koa-static';

const pages = new Set<string>(Object.values(pagePaths));
/** Their address may hold an app's request, and who comes back to them wants an empty form. */
const formPages = new Set<string>([pagePaths.signIn, pagePaths.signUp]);
const assets = '/assets/';
/** Served at the path of the mailbox alone. */
const mailboxFile = '/mailbox.html';
const yearMs = 365 * 24 * 3_600_000;

/** Where `npm run build` puts the pages, seen from `src` and from `dist` alike. */
const builtPages = fileURLToPath(new URL('../../pages/dist', import.meta.url));

/**
 * Serves the service's own pages. `index.html`, at every path of a page, is revalidated each time, and never stored for
 * the sign-in pages. Files below `/assets/`, whose names contain a hash, are cached for a year, other files of the build
 * for an hour.
 *
 * @throws not_found while the pages are not built
 * @example
 * createHttpApp({ ...deps, pages: createPages() });
 */
export function createPages(folder: string = builtPages): Koa.Middleware {
  const file = serve(folder, { index: false, maxage: 3_600_000 });
  const hashed = serve(folder, { index: false, maxage: yearMs, immutable: true });
  const index = serve(folder, { index: false, setHeaders: (res) => res.setHeader('Cache-Control', 'no-cache') });
  return async (ctx, next) => {
    if ((ctx.method !== 'GET' && ctx.method !== 'HEAD') || ctx.path === mailboxFile) return next();
    if (!pages.has(ctx.path)) {
      if (ctx.path.startsWith(assets)) ctx.state.route = `${assets}*`;
      return (ctx.path.startsWith(assets) ? hashed : file)(ctx, next);
    }
    ctx.state.route = ctx.path;
    await assertBuilt(folder);
    const isEntry = formPages.has(ctx.path);
    ctx.path = '/index.html';
    await index(ctx, next);
    if (isEntry) ctx.set('Cache-Control', 'no-store');
  };
}

async function assertBuilt(folder: string): Promise<void> {
  const missing = await access(join(folder, 'index.html')).then(
    () => false,
    () => true,
  );
  if (missing) throw fail('not_found', { message: 'The pages are not built. Run npm run build, then reload.' });
}

/** Serves the page of the development mailbox. @throws not_found while the pages are not built */
export function createMailboxPage(folder: string = builtPages): Koa.Middleware {
  const page = serve(folder, { index: false });
  return async (ctx, next) => {
    await assertBuilt(folder);
    ctx.path = mailboxFile;
    await page(ctx, next);
    ctx.set('Cache-Control', 'no-store');
  };
}
