import { defineConfig } from 'vite';

/** Pages under a strict CSP: no inline script, style or data URL; every file except index.html is in /assets. */
export default defineConfig({
  resolve: { conditions: ['@latchkey/source', 'browser', 'module', 'import', 'default'] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    rolldownOptions: { input: ['index.html', 'mailbox.html', 'not-found.html', 'reference.html'] },
    reportCompressedSize: false,
    manifest: true,
  },
});
