import { createSecrets } from '../../test-kit/node/secrets.ts';
import { walkMainFlow, walkPages, walkTheft } from '../container/walk.ts';

/** Run by `test/deploy/compose`: walks a deployment from outside, at the URL of its proxy. Fails at the first wrong answer. */
const url = process.argv[2];
if (url === undefined) throw new TypeError('Usage: compose-walk.ts <url>');
const outside = { url, secrets: createSecrets() };

const steps = {
  'the pages, of each node': async () => {
    for (let request = 0; request < 4; request += 1) await walkPages(url);
  },
  'sign-up, socket, rotation, a lost answer, logout': () => walkMainFlow(outside),
  'a stolen token': () => walkTheft(outside),
};

for (const [title, walk] of Object.entries(steps)) {
  await walk();
  console.log(`  ok    ${title}`);
}
