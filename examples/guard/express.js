// LATCHKEY_URL=http://localhost:4000 BACKEND_ID=… BACKEND_SECRET=… node examples/guard/express.js
import { createLatchkey } from '@latchkey/sdk-server';
import express from 'express';

const { LATCHKEY_URL, BACKEND_ID, BACKEND_SECRET, PORT = '3001' } = process.env;
const latchkey = createLatchkey({ url: LATCHKEY_URL, backendId: BACKEND_ID, backendSecret: BACKEND_SECRET });
await latchkey.ready();

const app = express();
app.get('/', latchkey.express(), (request, response) => {
  response.json({ user: request.auth.sub });
});
app.listen(Number(PORT), '127.0.0.1');
