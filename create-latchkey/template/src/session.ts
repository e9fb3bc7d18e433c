import { createSession } from '@latchkey/sdk-browser';

/** The session of this browser, shared by its tabs. */
export const session = createSession({
  url: import.meta.env.VITE_SERVICE_URL, // the service
  socketUrl: location.origin, // whose sockets answer calls
  apis: [location.origin], // who else may see the access token
});
