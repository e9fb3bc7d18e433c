import { createServer, type Server as HttpServer } from 'node:http';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { newProfile, type Profile } from '../browser/chromium.ts';
import { sharedBrowser } from '../browser/shared-browser.ts';
import { listen } from '../listen.ts';

describe('newProfile', function () {
  this.timeout(60_000);
  let http: HttpServer;
  let io: Server;
  let url: string;
  let profile: Profile;

  before(async () => {
    http = createServer((_, answer) => {
      answer.setHeader('content-type', 'text/html');
      answer.end('<title>page</title><link rel="icon" href="data:,"><p>Hello</p>');
    });
    io = new Server(http, { transports: ['websocket'] });
    url = await listen(http);
    profile = await newProfile(await sharedBrowser.get());
  });

  after(async () => {
    await profile.close();
    await io.close();
  });

  it('runs scripts in a secure context and speaks WebSocket', async () => {
    const page = await profile.newPage(url);
    expect(await page.evaluate(() => [document.title, isSecureContext])).to.deep.equal(['page', true]);
    const first = await page.evaluate(
      (address) =>
        new Promise<string>((resolve, reject) => {
          const socket = new WebSocket(`${address.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
          socket.onmessage = (message) => resolve(String(message.data));
          socket.onerror = () => reject(new Error('closed'));
        }),
      url,
    );
    expect(first).to.match(/^0\{"sid"/);
    expect(profile.errors()).to.deep.equal([]);
  });

  it('shares localStorage between tabs of a profile and with no other profile', async () => {
    const [one, two] = [await profile.newPage(url), await profile.newPage(url)];
    await two.evaluate(() => addEventListener('storage', (event) => (document.title = String(event.key))));
    await one.evaluate(() => localStorage.setItem('entry', 'full'));
    await two.waitForFunction(() => document.title === 'entry');
    expect(await two.evaluate(() => localStorage.getItem('entry'))).to.equal('full');
    const other = await newProfile(await sharedBrowser.get());
    expect(await (await other.newPage(url)).evaluate(() => localStorage.getItem('entry'))).to.equal(null);
    await other.close();
  });

  it('has locks, channels, and non-extractable keys', async () => {
    const page = await profile.newPage(url);
    const found = await page.evaluate(async () => {
      const key = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
      const lock = await navigator.locks.request('entry', async (held) => held?.name);
      return [key.privateKey.extractable, lock, typeof BroadcastChannel];
    });
    expect(found).to.deep.equal([false, 'entry', 'function']);
  });

  it('receives the errors of its pages', async () => {
    const page = await profile.newPage(url);
    await page.evaluate(() => {
      console.error('written');
      setTimeout(() => {
        throw new Error('thrown');
      }, 0);
    });
    await page.waitForTimeout(100);
    expect(profile.errors().join()).to.match(/written.*thrown/);
    expect(profile.console()).to.contain('written');
  });
});
