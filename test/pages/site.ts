import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BrowserContextOptions } from 'playwright-core';
import { newProfile } from '../../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../../test-kit/browser/shared-browser.ts';
import { startService } from '../../test-kit/node/service-process.ts';
import { createVisitor, type Visitor } from './visitor.ts';

/** A running service with its pages freshly built, and its visitors. */
export interface Site {
  readonly url: string;
  readonly dataFolder: string;
  /** Opens a browser profile of its own. Closed with the site. */
  visit(options?: BrowserContextOptions): Promise<Visitor>;
  log(): string;
  close(): Promise<void>;
}

export async function openSite(env: Readonly<Record<string, string>> = {}): Promise<Site> {
  const [service] = await Promise.all([startService({ env }), buildPages()]);
  await service.ready(60_000);
  const visitors: Visitor[] = [];
  return Object.freeze<Site>({
    url: service.url,
    dataFolder: service.dataFolder,
    log: service.log,
    async visit(options) {
      const visitor = createVisitor(await newProfile(await sharedBrowser.get(), options), service.url);
      visitors.push(visitor);
      return visitor;
    },
    async close() {
      for (const visitor of visitors) await visitor.close();
      await service.stop();
    },
  });
}

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What the pages are made of. */
const sources = [
  'service/pages/src',
  'service/pages/index.html',
  'service/pages/mailbox.html',
  'service/pages/not-found.html',
  'service/pages/reference.html',
  'service/pages/vite.config.ts',
  'sdk-browser/src',
  'contract/src',
];

/**
 * Builds the pages if a source is newer than the build. A newer build is left alone, because a build removes its files for a moment, and
 * other tests read them.
 */
export async function buildPages(): Promise<void> {
  const built = changedAt('service/pages/dist/index.html');
  if (sources.every((path) => changedAt(path) < built)) return;
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build'], { cwd: join(root, 'service/pages') });
}

/** When the newest file at the path or below it was written (epoch milliseconds); 0: there is none. */
function changedAt(path: string): number {
  const full = join(root, path);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const files = readdirSync(full, { recursive: true, encoding: 'utf8' });
  return Math.max(0, ...files.map((file) => statSync(join(full, file)).mtimeMs));
}
