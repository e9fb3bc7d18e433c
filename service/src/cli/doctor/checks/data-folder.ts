import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readFreeBytes, toUnusableError } from '../../../db/data-dir-error.ts';
import { type Finding, failed, ok, warning } from '../finding.ts';
import type { Subject } from '../subject.ts';

const mebibyte = 1_048_576;
/** What a first start writes, and as much again. */
const neededMib = 100;
/** With less, statements of a database that exists fail. */
const minMib = 1;

const remedy = 'make the folder writable for the user of the service, or set LATCHKEY_DATA_DIR to another one';
const spaceRemedy = `free ${neededMib} MiB on its disk, or set LATCHKEY_DATA_DIR to a folder on another disk`;

/** Checks that the folder of the embedded database can be written, and that its disk has space. Writes nothing. */
export async function checkDataFolder({ config }: Pick<Subject, 'config'>): Promise<Finding> {
  const { dataDir } = config;
  const folder = findExisting(resolve(dataDir));
  try {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const [sentence = ''] = toUnusableError(dataDir, error).message.split(/\. /);
    return failed(sentence, remedy);
  }
  return judgeSpace(dataDir, readFreeBytes(folder));
}

function judgeSpace(dataDir: string, freeBytes: number | undefined): Finding {
  if (freeBytes === undefined) return ok(`${dataDir} can be written`);
  const mib = Math.floor(freeBytes / mebibyte);
  const sentence = `the disk of the data folder ${dataDir} has ${mib} MiB of free space`;
  const requiredMib = existsSync(join(dataDir, 'db', 'PG_VERSION')) ? minMib : neededMib;
  if (mib < requiredMib) return failed(sentence, spaceRemedy);
  return mib < neededMib ? warning(sentence, spaceRemedy) : ok(`${dataDir} can be written, with ${mib} MiB free`);
}

/** The folder, or the one that it would be made in. */
function findExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : findExisting(dirname(path));
}
