import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { foldText } from './password-variants.ts';

/** Whether a folded text is one of 49,000 common passwords. Reads the list at the first question. */
export function createCommonPasswordCheck(): (folded: string) => Promise<boolean> {
  let list: Promise<ReadonlySet<string>> | undefined;
  return async (folded) => {
    list ??= readCommonPasswords().catch((error) => {
      list = undefined;
      throw error;
    });
    return (await list).has(folded);
  };
}

async function readCommonPasswords(): Promise<ReadonlySet<string>> {
  const path = createRequire(import.meta.url).resolve('@zxcvbn-ts/language-common/src/passwords.json');
  const all: string[] = JSON.parse(await readFile(path, 'utf8'));
  return new Set(all.map(foldText));
}
