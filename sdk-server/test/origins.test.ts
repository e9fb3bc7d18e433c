import { createOriginMatcher, parseOrigin } from '@latchkey/contract';
import { expect } from 'chai';
import { originCases, outcome } from '../../test-kit/origin-cases.ts';
import { createOriginCheck, resolveOptions } from '../src/options.ts';

const backend = { backendId: 'b', backendSecret: 's' };
const url = 'https://id.example';

const servers: Readonly<Record<string, (text: string) => unknown>> = {
  'readOrigin for a server': (text) => parseOrigin(text, 'server').origin ?? null,
  'url of createLatchkey': (text) => resolveOptions({ ...backend, url: text }).url,
  'issuer of createLatchkey': (text) => resolveOptions({ ...backend, url, issuer: text }).issuer,
};

describe('the same origins are accepted by', () => {
  for (const [place, make] of Object.entries(servers))
    it(place, () => {
      for (const [text, server] of originCases) expect(outcome(make, text), text).to.equal(server);
    });

  it('readOrigin for pages', () => {
    for (const [text, server, shown = server] of originCases)
      expect(parseOrigin(text, 'pages').origin ?? null, text).to.equal(shown);
  });

  it('origins of socketServe', () => {
    for (const [text, server, shown = server] of originCases) {
      const isAllowed = outcome((origin) => createOriginCheck({ origins: [origin] }), text) as
        | ((origin: string) => boolean)
        | null;
      expect(isAllowed === null, text).to.equal(shown === null);
      if (shown !== null) expect(isAllowed?.(shown.replace('*', 'a')), text).to.equal(true);
    }
  });

  it('appUrl of socketServe, whose origin is that of its pages', () => {
    for (const [url, origin] of [
      ['https://App.example:443/signed-in?a=b', 'https://app.example'],
      ['capacitor://localhost/signed-in', 'capacitor://localhost'],
    ] as const)
      expect(createOriginCheck({ appUrl: url })(origin), url).to.equal(true);
    for (const url of ['app.example', 'com.example.app:/in', 'file:///x'])
      expect(() => createOriginCheck({ appUrl: url }), url).to.throw(TypeError, 'appUrl has to be a whole URL');
  });

  it('publicUrl of createLatchkey, which may hold a path', () => {
    const publicUrlOf = (text: string) => resolveOptions({ ...backend, url, publicUrl: text }).publicUrl;
    for (const [text, server] of originCases)
      if (!text.includes('/login')) expect(outcome(publicUrlOf, text), text).to.equal(server);
    expect(publicUrlOf('https://App.example/v1/')).to.equal('https://app.example/v1');
  });

  it('createLatchkey, with a message that names option and fix', () => {
    expect(() => resolveOptions({ ...backend, url: 'https://id.example/auth' })).to.throw(
      TypeError,
      'url must not hold a path: write https://id.example',
    );
  });
});

describe('createOriginMatcher', () => {
  const isAllowed = createOriginMatcher([
    'https://*.preview.example',
    'http://*.localhost:3000',
    'moz-extension://0a1b',
  ]);

  for (const origin of ['https://a.preview.example', 'https://pr-7.preview.example', 'http://acme.localhost:3000'])
    it(`allows ${origin}`, () => expect(isAllowed(origin)).to.equal(true));

  it('ignores the case of schemes other than http', () => expect(isAllowed('moz-extension://0A1B')).to.equal(true));

  for (const origin of [
    'https://preview.example',
    'https://a.b.preview.example',
    'https://.preview.example',
    'https://a.preview.example:8443',
    'http://a.preview.example',
    'https://a.preview.example.evil.example',
    'https://evil.example/.preview.example',
    'https://evil@a.preview.example',
    'null',
    '',
  ])
    it(`refuses ${origin}`, () => expect(isAllowed(origin)).to.equal(false));
});
