import { createServer } from 'node:http';
import { infraServe } from '@latchkey/service';
import Koa from 'koa';

/** A host whose HTTP server would keep the process running after `shutdown`. */
const [, , dataDir = ''] = process.argv;
const app = new Koa();
const server = createServer(app.callback());
const router = infraServe(server, app, { dataDir, logLevel: 'silent' });
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
await router.ready();
await router.shutdown(1);
