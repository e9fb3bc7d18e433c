import { gzipSync } from 'node:zlib';
import { bundleOf, type Imported } from './bundle-files.ts';

/** What code is for, and its files. The first row that fits a file counts. */
const parts: readonly (readonly [purpose: string, files: RegExp])[] = [
  ['checks of options, with the closest name', /assert-options|closest-match|resolve-options/],
  [
    'diagnosis, and a code over HTTP without WebSocket',
    /diagnostics|reachability|problem|http-code-exchange|transient|claims/,
  ],
  ['`fetch` with the access token', /session-fetch|challenge/],
  ['proofs by a key of the browser (RFC 9449)', /\/proof|send-credential/],
  ['where tokens are kept: `persistence`, `storage`', /storage-location|tab-storage|storage-ownership/],
  [
    'token and rotation keys that tabs share',
    /token-store|rotation-keys|storage-adapter|\/token\.|names|patterns|contract\/dist\/socket/,
  ],
  ['leader and messages of tabs', /\/tabs\//],
  ['presenting credentials, and refusals', /authenticat|token-ack|retries|refusal-policy|error-policy|code-exchange/],
  ['refresh: schedule, socket, HTTP', /\/refresh\/|renewer|access-token-store/],
  ['connection and calls', /\/connection\/|connection-key/],
  ['sign-in and sign-out', /\/auth\/|hash|random|redirect/],
  ['HTTP and errors', /\/http\/|fail|database-clock/],
  ['states of the session and their effects', /reduce|transitions|session-(store|state|event|emitter)|effects/],
  ['session, page, timers', /./],
];

/** A sentence for developers: a string of at least five words. */
const sentence = /"[^"\n`{}]*"|`(?:[^`\\$]|\$\{[^}`]*\})*`/g;

function gzipSize(code: string): number {
  return gzipSync(code, { level: 9 }).length;
}

/** Returns a table of what the code of a page is for, in kB (1,000 bytes): minified, and as its share of the gzip. */
export async function describeParts(imported: Imported): Promise<string> {
  const { text, inputs } = (await bundleOf(imported))[0]!;
  const sizes = new Map(parts.map(([purpose]) => [purpose, 0]));
  for (const [file, bytes] of inputs) {
    const [purpose] = parts.find(([, files]) => files.test(file))!;
    sizes.set(purpose, sizes.get(purpose)! + bytes);
  }
  const whole = gzipSize(text);
  const kB = (bytes: number) => (bytes / 1_000).toFixed(1);
  const rows = [...sizes]
    .sort(([, a], [, b]) => b - a)
    .map(([purpose, bytes]) => {
      return `| ${purpose} | ${kB(bytes)} | ${kB((bytes / text.length) * whole)} |`;
    });
  const silent = text.replace(sentence, (found) => (found.split(' ').length < 5 ? found : '""'));
  const sentences = `| in these: sentences for developers | ${kB(text.length - silent.length)} | ${kB(whole - gzipSize(silent))} |`;
  return ['| part | minified kB | kB of the gzip |', '|---|---|---|', ...rows, sentences].join('\n');
}
