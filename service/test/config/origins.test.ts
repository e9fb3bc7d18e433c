import { expect } from 'chai';
import { originCases, outcome } from '../../../test-kit/origin-cases.ts';
import { parseAppUrl } from '../../src/base/app-url.ts';
import { createConfig } from '../../src/config/config.ts';
import { configOf } from '../../src/embed/setting-options.ts';

const servers: Readonly<Record<string, (text: string) => unknown>> = {
  LATCHKEY_PUBLIC_URL: (text) => (text === '' ? null : createConfig({ LATCHKEY_PUBLIC_URL: text }).publicUrl),
  'publicUrl of apiServe': (text) => configOf({ publicUrl: text }).publicUrl,
};
const pages: Readonly<Record<string, (text: string) => unknown>> = {
  LATCHKEY_ALLOWED_ORIGINS: (text) => createConfig({ LATCHKEY_ALLOWED_ORIGINS: text }).allowedOrigins[0] ?? null,
  'allowedOrigins of apiServe': (text) => configOf({ allowedOrigins: [text] }).allowedOrigins[0] ?? null,
};

describe('the same origins are accepted by', () => {
  for (const [place, make] of Object.entries(servers))
    it(place, () => {
      for (const [text, server] of originCases) expect(outcome(make, text), text).to.equal(server);
    });

  for (const [place, make] of Object.entries(pages))
    it(place, () => {
      for (const [text, server, shown = server] of originCases) expect(outcome(make, text), text).to.equal(shown);
    });
});

describe('redirect URLs', () => {
  const good = [
    ['https://app.example', 'https://app.example/'],
    ['https://App.example:443/in', 'https://app.example/in'],
    ['http://localhost:80/in?a=b', 'http://localhost/in?a=b'],
    ['myapp://callback', 'myapp://callback'],
    ['com.example.app:/in', 'com.example.app:/in'],
    ['capacitor://localhost', 'capacitor://localhost'],
  ] as const;
  for (const [text, canonical] of good)
    it(`are accepted: ${text}`, () => {
      expect(parseAppUrl(text)).to.deep.equal({ url: canonical });
      expect(createConfig({ LATCHKEY_APP_URLS: text }).appUrls).to.deep.equal([...new Set([text, canonical])]);
    });

  const refused = [
    'app.example/in',
    'app.example:3000/in',
    'https://*.preview.example/in',
    'https://ann:pw@app.example/in',
    'https://app.example/#',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///tmp/x',
    '*',
    'null',
  ];
  for (const text of refused)
    it(`are refused: ${text}`, () => {
      expect(parseAppUrl(text).mistake).to.be.a('string');
      expect(() => createConfig({ LATCHKEY_APP_URLS: text })).to.throw(/^LATCHKEY_APP_URLS /);
    });
});
