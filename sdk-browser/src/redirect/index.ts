export { handleRedirect, type RedirectOutcome } from './handle-redirect.ts';
export { type PreparedSignIn, prepareSignIn } from './prepare-sign-in.ts';
export { type RedirectInput, signInWithRedirect } from './sign-in-with-redirect.ts';
