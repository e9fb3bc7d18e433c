/** Loads the client of sessions, which the pages of mails need only once a button is pressed. */
export const loadPageSession = () => import('./page-session.ts');
