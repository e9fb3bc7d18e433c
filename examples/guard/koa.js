// LATCHKEY_URL=http://localhost:4000 BACKEND_ID=… BACKEND_SECRET=… node examples/guard/koa.js
import { createLatchkey } from '@latchkey/sdk-server';
import Koa from 'koa';

const { LATCHKEY_URL, BACKEND_ID, BACKEND_SECRET, PORT = '3002' } = process.env;
const latchkey = createLatchkey({ url: LATCHKEY_URL, backendId: BACKEND_ID, backendSecret: BACKEND_SECRET });
await latchkey.ready();

const app = new Koa();
app.use(latchkey.koa());
app.use((ctx) => {
  ctx.body = { user: ctx.state.auth.sub };
});
app.listen(Number(PORT), '127.0.0.1');
