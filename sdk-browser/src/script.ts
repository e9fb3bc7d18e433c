/** The entry of `dist/latchkey.min.js`, which defines the global `latchkey` for pages without a bundler. */
export * from './api/index.ts';
export * from './index.ts';
export * from './redirect/index.ts';
