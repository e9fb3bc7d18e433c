import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the template. */
export const template = fileURLToPath(new URL('../template', import.meta.url));
/** npm leaves a `.gitignore` out of a package. */
const renamed = { gitignore: '.gitignore' };

/**
 * Copies the template, with this manifest, into a folder that is missing or empty. If that fails, removes what it made,
 * and nothing else.
 *
 * @throws the error of the file system
 */
export function writeTemplate(target: string, manifest: string): void {
  const made: string[] = [];
  try {
    makeFolder(target, made);
    cpSync(template, target, { recursive: true });
    for (const [from, to] of Object.entries(renamed)) renameSync(join(target, from), join(target, to));
    writeFileSync(join(target, 'package.json'), manifest);
  } catch (error) {
    removeMade(target, made);
    throw error;
  }
}

/** Makes a folder and its missing parents. Adds each that it made to `made`. */
function makeFolder(path: string, made: string[]): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), made);
  mkdirSync(path);
  made.push(path);
}

function removeMade(target: string, made: readonly string[]): void {
  const names = [...readdirSync(template), ...Object.values(renamed)];
  for (const name of names) attempt(() => rmSync(join(target, name), { recursive: true, force: true }));
  for (const folder of made.toReversed()) attempt(() => rmdirSync(folder));
}

/** What cannot be removed stays: the error that led here is the one to report. */
function attempt(remove: () => void): void {
  try {
    remove();
  } catch {}
}
