import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BrowserContextOptions } from 'playwright-core';
import { newProfile } from '../harness/chromium.ts';
import { startService } from '../harness/service-process.ts';
import { sharedBrowser } from '../harness/shared-browser.ts';
import { createPerson, type Person } from './person.ts';

/** A running service with its pages freshly built, and people who visit it. */
export interface House {
  readonly url: string;
  /** Somebody with a browser of their own. Closed with the house. */
  visit(options?: BrowserContextOptions): Promise<Person>;
  log(): string;
  close(): Promise<void>;
}

export async function openHouse(): Promise<House> {
  const [service] = await Promise.all([startService(), buildPages()]);
  await service.ready(60_000);
  const people: Person[] = [];
  return Object.freeze<House>({
    url: service.url,
    log: service.log,
    async visit(options) {
      const person = createPerson(await newProfile(await sharedBrowser.get(), options), service.url);
      people.push(person);
      return person;
    },
    async close() {
      for (const person of people) await person.close();
      await service.stop();
    },
  });
}

/** The pages as they are now, not as somebody built them last week. */
export async function buildPages(): Promise<void> {
  const root = new URL('../../', import.meta.url);
  const vite = fileURLToPath(new URL('node_modules/vite/bin/vite.js', root));
  await promisify(execFile)(process.execPath, [vite, 'build'], { cwd: fileURLToPath(new URL('service/pages', root)) });
}
