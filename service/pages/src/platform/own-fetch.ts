/** `fetch` of this window, which a script that was loaded earlier may have replaced. */
export const ownFetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);
