import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, pagePaths } from '@latchkey/contract';
import type Koa from 'koa';
import serve from 'koa-static';
import type { Config } from '../config/config.ts';

const pages = new Set<string>(Object.values(pagePaths));
/** All others: an address may hold an app's request or the secret of a mail, and a form is empty when it is shown again. */
const storedPages = new Set<string>([
  pagePaths.home,
  pagePaths.account,
  pagePaths.console,
  pagePaths.demo,
  pagePaths.reference,
]);
/** Where password managers look for the form that changes a password. */
const changePasswordPath = '/.well-known/change-password';
const assets = '/assets/';
const indexFile = '/index.html';
/** Served at the path of the reference alone. */
const referenceFile = '/reference.html';
/** Served at the path of the mailbox alone. */
const mailboxFile = '/mailbox.html';
/** Answered with 404 to browsers at an unknown path. */
const notFoundFile = '/not-found.html';
const hiddenFiles: ReadonlySet<string> = new Set([mailboxFile, referenceFile, notFoundFile]);
const yearMs = 365 * 24 * 3_600_000;

/** Where `npm run build` puts the pages, seen from `src` and from `dist` alike. */
const builtPages = fileURLToPath(new URL('../../pages/dist', import.meta.url));

/**
 * Serves the service's own pages. `index.html`, at every path of a page, is revalidated each time, and never stored for
 * the pages that sign in or that mails lead to. Files below `/assets/`, whose names contain a hash, are cached for a year,
 * other files of the build for an hour. A slash behind the path of a page is redirected to the path. A browser that opens an unknown path sees a page with the status 404.
 *
 * @param config.demoPage without it, `/demo` is not found · `apiDocuments`: without it, `/docs` is not found
 * @throws not_found while the pages are not built
 * @example
 * createHttpApp({ ...deps, pages: createPages(config) });
 */
export function createPages(
  { demoPage, apiDocuments }: Pick<Config, 'demoPage' | 'apiDocuments'>,
  folder: string = builtPages,
): Koa.Middleware {
  const served = new Set(pages);
  if (!demoPage) served.delete(pagePaths.demo);
  if (!apiDocuments) served.delete(pagePaths.reference);
  const file = serve(folder, { index: false, maxage: 3_600_000 });
  const hashed = serve(folder, { index: false, maxage: yearMs, immutable: true });
  const index = serve(folder, { index: false, setHeaders: (res) => res.setHeader('Cache-Control', 'no-cache') });
  const notFound = notFoundPage(index, folder);
  return async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    if (hiddenFiles.has(ctx.path)) return notFound(ctx, next);
    if (ctx.path === changePasswordPath) {
      ctx.state.route = ctx.path;
      return ctx.redirect(`${pagePaths.account}#password`);
    }
    const page = withoutLastSlashes(ctx.path);
    if (page !== ctx.path && served.has(page)) {
      ctx.state.route = page;
      ctx.status = 308;
      return ctx.redirect(`${page}${ctx.search}`);
    }
    if (!served.has(ctx.path)) {
      if (!ctx.path.startsWith(assets)) return file(ctx, () => notFound(ctx, next));
      ctx.state.route = `${assets}*`;
      return hashed(ctx, next);
    }
    ctx.state.route = ctx.path;
    await assertBuilt(folder);
    const isStored = storedPages.has(ctx.path);
    ctx.path = ctx.path === pagePaths.reference ? referenceFile : indexFile;
    await index(ctx, next);
    if (!isStored) ctx.set('Cache-Control', 'no-store');
  };
}

/** In one pass: a regular expression would try each slash of a long path anew. */
function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** Answers a browser with a page, and programs with the error that `next` throws. */
function notFoundPage(file: Koa.Middleware, folder: string): Koa.Middleware {
  return async (ctx, next) => {
    // A program that accepts everything gets JSON.
    if (ctx.accepts('json', 'html') !== 'html') return next();
    await assertBuilt(folder);
    ctx.path = notFoundFile;
    await file(ctx, next);
    ctx.status = 404;
    ctx.state.code = 'not_found';
    ctx.set('Cache-Control', 'no-store');
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
