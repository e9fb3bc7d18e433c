import { readdirSync } from 'node:fs';

/** Tarballs of the packages `@latchkey/…` in a folder, file names by package. Empty if the folder cannot be read. */
export function findTarballs(folder: string, version: string): ReadonlyMap<string, string> {
  const suffix = `-${version}.tgz`;
  const files = listFiles(folder).filter((file) => file.startsWith('latchkey-') && file.endsWith(suffix));
  return new Map(files.map((file) => [`@latchkey/${file.slice('latchkey-'.length, -suffix.length)}`, file]));
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
