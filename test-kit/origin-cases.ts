import { expect } from 'chai';

/** A text, its spelling where requests go to it, and among the origins of pages where that differs. `null`: refused. */
type OriginCase = readonly [text: string, server: string | null, pages?: string];

export const originCases: readonly OriginCase[] = [
  ['https://app.example', 'https://app.example'],
  ['https://app.example/', 'https://app.example'],
  ['https://App.Example', 'https://app.example'],
  ['HTTPS://app.example', 'https://app.example'],
  ['https://app.example:443', 'https://app.example'],
  ['http://localhost:80', 'http://localhost'],
  ['http://localhost:3000/', 'http://localhost:3000'],
  ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
  ['http://[::1]:4000', 'http://[::1]:4000'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['https://*.preview.example', null, 'https://*.preview.example'],
  ['https://*.Preview.example:8443/', null, 'https://*.preview.example:8443'],
  ['http://*.localhost:3000', null, 'http://*.localhost:3000'],
  ['capacitor://localhost', null, 'capacitor://localhost'],
  ['ionic://localhost', null, 'ionic://localhost'],
  ['chrome-extension://abcdefghijklmnop', null, 'chrome-extension://abcdefghijklmnop'],
  ['moz-extension://0A1B-2c3d', null, 'moz-extension://0a1b-2c3d'],
  ['https://*.com', null],
  ['https://*', null],
  ['https://*.0.0.1', null],
  ['https://app.*.example', null],
  ['https://app*.example.org', null],
  ['https://*.*.example.org', null],
  ['https://%2a.com', null],
  ['https://%2A.example.org', null],
  ['*', null],
  ['null', null],
  ['', null],
  ['app.example', null],
  ['localhost:3000', null],
  ['//app.example', null],
  ['htps://app.example', null],
  ['https//app.example', null],
  ['wss://app.example', null],
  ['file:///', null],
  ['file://localhost', null],
  ['javascript://app.example', null],
  ['data:text/html,x', null],
  ['https://', null],
  ['https://app.example/login', null],
  ['https://app.example?', null],
  ['https://app.example/#', null],
  ['https://ann:secret-word@app.example', null],
  ['https://ann@app.example', null],
  ['https://app.example:99999', null],
  ['https://app.exa mple', null],
];

/** What a function makes of a text; `null` where it throws. The error must not show a password. */
export function outcome(make: (text: string) => unknown, text: string): unknown {
  try {
    return make(text);
  } catch (error) {
    expect(error).to.be.instanceOf(Error);
    expect((error as Error).message).to.not.include('secret-word');
    return null;
  }
}
