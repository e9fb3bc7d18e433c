import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pagePaths } from '@latchkey/contract';
import { expect } from 'chai';
import { createPages } from '../../src/http/pages.ts';
import { call, openTestApp, type TestApp } from './test-app.ts';

describe('createPages', () => {
  let folder: string;
  let app: TestApp;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-pages-'));
    app = await openTestApp({}, { pages: createPages({ demoPage: true, apiDocuments: true }, join(folder, 'dist')) });
  });
  after(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });
  const get = (path: string) => call(app, 'GET', path);

  it('answers how to build the pages while there is no build', async () => {
    const answer = await get('/signin');
    expect([answer.status, answer.json.code]).eql([404, 'not_found']);
    expect(answer.json.detail).include('npm run build');
  });

  describe('with a build', () => {
    before(() => {
      mkdirSync(join(folder, 'dist/assets'), { recursive: true });
      writeFileSync(join(folder, 'dist/index.html'), '<!doctype html><title>page</title>');
      writeFileSync(join(folder, 'dist/reference.html'), '<!doctype html><title>page</title>');
      writeFileSync(join(folder, 'dist/not-found.html'), '<!doctype html><title>not found</title>');
      writeFileSync(join(folder, 'dist/assets/main-abc.js'), 'export {}');
      writeFileSync(join(folder, 'dist/favicon.svg'), '<svg/>');
      writeFileSync(join(folder, 'dist/.env'), 'private');
      writeFileSync(join(folder, 'outside.txt'), 'private');
    });

    it('serves the page at each of its paths, with revalidation', async () => {
      const stored = new Set(['/', '/account', '/console', '/demo', '/docs']);
      for (const path of [...Object.values(pagePaths), '/signin?app=x']) {
        const answer = await get(path);
        expect(answer.status).equal(200);
        expect(answer.headers.get('content-type')).equal('text/html; charset=utf-8');
        expect(answer.headers.get('cache-control'), path).equal(stored.has(path) ? 'no-cache' : 'no-store');
        expect(answer.headers.get('referrer-policy')).equal('no-referrer');
        expect(answer.headers.get('content-security-policy')).include("script-src 'self'");
        expect(answer.text).include('<title>page</title>');
      }
    });

    it('leads password managers to the form that changes a password', async () => {
      const answer = await fetch(`${app.url}/.well-known/change-password`, { redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).eql([302, '/account#password']);
    });

    it('leads from a slash behind a path to the path, also with a query', async () => {
      const lead = async (path: string) => {
        const answer = await fetch(`${app.url}${path}`, { redirect: 'manual' });
        return [answer.status, answer.headers.get('location')];
      };
      for (const path of Object.values(pagePaths).filter((one) => one !== '/'))
        expect(await lead(`${path}/`)).eql([308, path]);
      expect(await lead('/sign-in/email//?app=x')).eql([308, '/sign-in/email?app=x']);
      expect(await lead('/nothing/')).eql([404, null]);
      expect((await lead('//example.org/'))[1]).equal(null);
    });

    it('reads a path of many slashes as fast as any other', async () => {
      const timeOf = async (path: string) => {
        const begin = process.cpuUsage();
        for (let n = 0; n < 10; n++) await get(path);
        return process.cpuUsage(begin).user / 1_000;
      };
      await timeOf(`/${'y'.repeat(15_000)}`);
      expect(await timeOf(`/y${'/'.repeat(15_000)}x`)).below(10 * (await timeOf(`/${'y'.repeat(15_000)}`)) + 200);
    });

    it('serves hashed files for a year and others for an hour', async () => {
      const script = await get('/assets/main-abc.js');
      expect(script.headers.get('content-type')).match(/javascript/);
      expect(script.headers.get('cache-control')).equal('max-age=31536000,immutable');
      expect((await get('/favicon.svg')).headers.get('cache-control')).equal('max-age=3600');
    });

    it('answers 404 at /demo without the demo page, and serves the others', async () => {
      const plain = await openTestApp(
        {},
        { pages: createPages({ demoPage: false, apiDocuments: true }, join(folder, 'dist')) },
      );
      const [demo, account] = [await call(plain, 'GET', '/demo'), await call(plain, 'GET', '/account')];
      expect([demo.status, demo.json.code, account.status]).eql([404, 'not_found', 200]);
      await plain.close();
    });

    it('answers 404 at /docs without the documents, and to its file', async () => {
      const plain = await openTestApp(
        {},
        { pages: createPages({ demoPage: true, apiDocuments: false }, join(folder, 'dist')) },
      );
      expect((await call(plain, 'GET', '/docs')).status).equal(404);
      await plain.close();
      expect((await get('/reference.html')).status).equal(404);
    });

    it('answers 404 to other paths', async () => {
      const paths = [
        '/x',
        '/assets/',
        '/assets/none.js',
        '/.env',
        '/../outside.txt',
        '/%2e%2e/outside.txt',
        '/..%2foutside.txt',
      ];
      for (const path of [...paths, '/assets/..%5c..%5coutside.txt']) {
        const answer = await get(path);
        expect([answer.status, answer.json.code], path).eql([404, 'not_found']);
        expect(answer.headers.get('cache-control'), path).equal('no-store');
      }
      for (const path of ['/%00', '/%']) expect((await get(path)).json.code).equal('invalid_request');
      expect((await call(app, 'POST', '/signin')).status).equal(404);
    });

    it('answers a browser at an unknown path with a page and the status 404', async () => {
      const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
      for (const path of ['/x', '/acount', '/login', '/reference.html', '/not-found.html', '/.env']) {
        const answer = await fetch(app.url + path, { headers: { accept } });
        expect([answer.status, answer.headers.get('content-type')], path).eql([404, 'text/html; charset=utf-8']);
        expect(answer.headers.get('cache-control'), path).equal('no-store');
        expect(answer.headers.get('content-security-policy'), path).include("script-src 'self'");
        expect(await answer.text(), path).include('<title>not found</title>');
      }
      const script = await fetch(`${app.url}/assets/none.js`, { headers: { accept } });
      expect([script.status, script.headers.get('content-type')]).eql([404, 'application/problem+json']);
    });

    it('answers HEAD like GET without the page', async () => {
      const answer = await call(app, 'HEAD', '/signin');
      expect([answer.status, answer.text]).eql([200, '']);
      expect(answer.headers.get('content-length')).equal('34');
    });
  });
});
