import { gzipSync } from 'node:zlib';
import type { ComparisonPlan, Metric, Sample } from '../../bench/comparison.ts';
import { bundleOf, type Imported } from './bundle-files.ts';
import { describeParts } from './bundle-parts.ts';

interface Pair {
  readonly metric: Metric;
  readonly row: Imported;
  readonly floor: Imported;
}

const external = ['socket.io-client'];
const core: Imported = { code: "export { createSession } from '@latchkey/sdk-browser/unbound';", external };
const proved: Imported = { code: "export { createSession } from '@latchkey/sdk-browser';", external };
const whole: Imported = { code: proved.code };

function pairOf(name: string, row: Imported, floor: string, code: string, bound?: number): Pair {
  const goal = bound === undefined ? {} : { bound };
  return { metric: { name: `bundle, ${name}`, unit: 'kB', better: 'less', floor, ...goal }, row, floor: { code } };
}

const pairs: readonly Pair[] = [
  pairOf('core', core, 'better-auth/client', "export { createAuthClient } from 'better-auth/client';", 6),
  pairOf('with proofs', proved, 'auth0-spa-js', "export { createAuth0Client } from '@auth0/auth0-spa-js';", 10),
  pairOf(
    'with proofs and code of later',
    { ...proved, isComplete: true },
    'auth0-spa-js',
    "export { createAuth0Client } from '@auth0/auth0-spa-js';",
  ),
  pairOf('with socket.io-client', whole, 'oidc-client-ts', "export { UserManager } from 'oidc-client-ts';", 23.1),
  pairOf('the same', whole, 'supabase auth-js', "export { AuthClient } from '@supabase/auth-js';"),
  pairOf(
    'the same',
    whole,
    'supertokens-web-js',
    `export { default as SuperTokens } from 'supertokens-web-js';
export { default as Session } from 'supertokens-web-js/recipe/session';
export { default as EmailPassword } from 'supertokens-web-js/recipe/emailpassword';`,
  ),
];

/** Size of the code that a page loads, minified and compressed with gzip, in kB (1,000 bytes). */
export const bundle: ComparisonPlan = {
  name: 'bundle',
  metrics: pairs.map(({ metric }) => metric),
  warmUps: 0,
  details: () => describeParts(proved),
  open: async () => ({
    row: () => sizesOf(pairs.map(({ row }) => row)),
    floor: () => sizesOf(pairs.map(({ floor }) => floor)),
    close: async () => {},
  }),
};

function sizesOf(all: readonly Imported[]): Promise<Sample> {
  return Promise.all(all.map(async (imported) => ({ value: await sizeOf(imported) })));
}

async function sizeOf(imported: Imported): Promise<number> {
  const sizes = (await bundleOf(imported)).map(({ text }) => gzipSync(text, { level: 9 }).length);
  return sizes.reduce((sum, size) => sum + size, 0) / 1_000;
}
