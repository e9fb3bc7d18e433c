import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Written by the first start of the service in development. */
const developmentFile = '.latchkey/backend.json';
const pollMs = 200;

/** Where the app and the service are. In development `.env.development` has the values. */
export function readConfig() {
  return {
    appUrl: required('APP_URL'),
    port: Number(required('APP_PORT')),
    serviceUrl: required('VITE_SERVICE_URL'),
  };
}

/** The credential of this app at the service, of `latchkey backend create`. In development it waits for the first start of the service. */
export async function readCredential() {
  const { BACKEND_ID, BACKEND_SECRET, NODE_ENV } = process.env;
  if (BACKEND_ID !== undefined && BACKEND_SECRET !== undefined) {
    return { backendId: BACKEND_ID, backendSecret: BACKEND_SECRET };
  }
  if (NODE_ENV === 'production') throw new TypeError('Set BACKEND_ID and BACKEND_SECRET.');
  while (!existsSync(developmentFile)) await sleep(pollMs);
  const { backend_id, backend_secret } = JSON.parse(readFileSync(developmentFile, 'utf8'));
  return { backendId: String(backend_id), backendSecret: String(backend_secret) };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new TypeError(`Set ${name}, see .env.development.`);
  return value;
}
