import { createServer } from 'node:http';
import { createLatchkey, stopOnSignals } from '@latchkey/sdk-server';
import express from 'express';
import { createApi } from './api.ts';
import { readConfig, readCredential } from './config.ts';
import { createNotes } from './notes.ts';

const { appUrl, port, serviceUrl } = readConfig();
const latchkey = createLatchkey({ url: serviceUrl, publicUrl: appUrl, ...(await readCredential()) });
const notes = createNotes();

const app = express();
app.get('/api/notes', latchkey.express(), (_request, response) => {
  response.json(notes.list());
});
app.use(express.static('dist')); // the page of `npm run build`

const server = createServer(app);
const io = latchkey.socketServe(server, { origins: [appUrl] });
createApi(latchkey, io, notes);
stopOnSignals({
  host: process,
  shutdown: latchkey,
  delay: 8,
  close: () => {
    server.close();
  },
});

await latchkey.ready(); // the service has sent the list of ended sessions
server.listen(port);
console.log(`Open ${appUrl}`);
