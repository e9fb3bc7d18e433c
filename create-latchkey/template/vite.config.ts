import { defineConfig, loadEnv } from 'vite';

/** In development Vite serves the page, and passes requests and sockets of the app on to its server. */
export default defineConfig(({ mode }) => {
  const { APP_URL = 'http://localhost:5173', APP_PORT = '3000' } = loadEnv(mode, import.meta.dirname, 'APP_');
  const target = `http://localhost:${APP_PORT}`;
  return {
    server: {
      port: Number(new URL(APP_URL).port),
      strictPort: true,
      proxy: { '/api': target, '/socket.io': { target, ws: true } },
    },
  };
});
