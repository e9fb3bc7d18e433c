import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Locks and marks of this process are smaller. */
const smallBytes = 1_024;

/** Every write of more than a few bytes fails with this code while `work` runs, as on a disk that is as good as full. */
export async function withFailingWrites<T>(code: string, work: () => Promise<T>): Promise<T> {
  const { writeSync } = fs;
  fs.writeSync = ((...given: Parameters<typeof writeSync>) => {
    if (sizeOf(given[1]) < smallBytes) return writeSync(...given);
    throw Object.assign(new Error(`${code}: of the test`), { code });
  }) as typeof writeSync;
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    fs.writeSync = writeSync;
    syncBuiltinESMExports();
  }
}

const sizeOf = (data: unknown): number => (ArrayBuffer.isView(data) ? data.byteLength : String(data).length);
