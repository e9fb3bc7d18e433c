import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { preview } from 'vite';
import { newProfile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { freePort } from '../test-kit/free-port.ts';

const site = 'docs/.vitepress/dist';
const run = promisify(execFile);

/** The name of the namespace of SVG, in images that are part of a page. */
const namespaceHost = 'www.w3.org';

/** Hosts that a browser asks when it opens a page: of scripts, styles, images, frames and style sheets. */
function loadedHosts(text: string): string[] {
  const tags = text.match(/<(?:script|link|img|iframe)\b[^>]*>|@import[^;]*;|url\([^)]*\)/g) ?? [];
  return tags
    .flatMap((tag) => [...tag.matchAll(/(?:https?:)?\/\/([\w.-]+\.[a-z]+)/g)].map(([, host]) => host!))
    .filter((host) => host !== namespaceHost);
}

const filesOf = (ending: string) =>
  readdirSync(site, { encoding: 'utf8', recursive: true }).filter((name) => name.endsWith(ending));

describe('the site of the docs', function () {
  this.timeout(300_000);

  before(() => run('npm', ['run', '--silent', 'docs:site'], { maxBuffer: 2 ** 26 }));

  it('has a page for each page of docs and each entry point of the SDKs, and a search', () => {
    expect(filesOf('.html')).to.include.members([
      'index.html',
      'start/ten-minutes.html',
      'why/decisions/0001-rotation-keys.html',
      'reference/http-operations.html',
      'reference/socket-events.html',
      'reference/api/sdk-server/api.html',
      'reference/api/sdk-browser/react.html',
    ]);
    expect(filesOf('.js').some((name) => name.includes('localSearchIndex'))).to.equal(true);
  });

  it('has the doc comments of a public function', () => {
    const page = readFileSync(join(site, 'reference/api/sdk-server.html'), 'utf8');
    expect(page).to.include('createLatchkey').and.to.include('whole connection with the service');
  });

  it('loads nothing of another host', () => {
    expect(loadedHosts('<script src="https://cdn.example.com/a.js"> url(//fonts.example.com/b)')).to.have.length(2);
    const texts = [...filesOf('.html'), ...filesOf('.css')].map((name) => readFileSync(join(site, name), 'utf8'));
    expect(texts.flatMap(loadedHosts)).to.deep.equal([]);
  });

  it('shows the picture of its first page between the header and the title, at 360 px', async () => {
    const port = await freePort();
    const server = await preview({
      ...{ root: 'docs', configFile: false, logLevel: 'silent', build: { outDir: '.vitepress/dist' } },
      preview: { port, host: '127.0.0.1', strictPort: true },
    });
    const profile = await newProfile(await sharedBrowser.get());
    try {
      const page = await profile.newPage(`http://127.0.0.1:${port}/`);
      await page.setViewportSize({ width: 360, height: 740 });
      const [header, picture, title] = await Promise.all(
        ['.VPNavBar', '.bank', 'h1'].map((selector) => page.locator(selector).first().boundingBox()),
      );
      expect(picture!.y).to.be.at.least(header!.y + header!.height);
      expect(title!.y).to.be.at.least(picture!.y + picture!.height);
      expect(picture!.x + picture!.width).to.be.at.most(360);
    } finally {
      await profile.close();
      await server.close();
    }
  });
});
