/** Everything in one file, for pages without a bundler: `dist/latchkey.min.js` is made from it, as the global `latchkey`. */
export * from './api/index.ts';
export * from './index.ts';
export * from './redirect/index.ts';
