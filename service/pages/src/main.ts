import { createSession } from '@latchkey/sdk-browser';
import { createApp } from './app.ts';
import { repeatWhileVisible } from './platform/timers.ts';

const page = document.querySelector('main');
if (page === null) throw new TypeError('index.html has no <main>.');
const session = createSession({ url: location.origin });
void createApp({ session, page, window, repeat: repeatWhileVisible }).start();
