import { createLatchkey } from '../../src/index.ts';

/** A backend with nothing to do but wait for its line: `waiting-backend.ts <url of the service>`. */
const latchkey = createLatchkey({ url: process.argv[2]!, backendId: 'bank', backendSecret: 'secret' });
await latchkey.ready();
latchkey.close();
