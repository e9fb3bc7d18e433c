import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A block of code of a page, with the file that its first line names. */
interface PageBlock {
  readonly language: string;
  readonly file: string | undefined;
  readonly text: string;
}

/** The blocks of a page in their order, also those that are indented in a list. */
export async function readBlocks(page: string): Promise<PageBlock[]> {
  const text = await readFile(page, 'utf8');
  return [...text.matchAll(/^( *)```(\w+)\n(.*?)^\1```$/gms)].map(([, indent = '', language = '', block = '']) => {
    const [, file] = /^(?:\/\/|#|<!--) ([\w./-]+\.\w+)/.exec(block) ?? [];
    return { language, file, text: block.replaceAll(new RegExp(`^${indent}`, 'gm'), '') };
  });
}

/** Writes the blocks that name a file into a folder. `change` may replace addresses. */
export async function writeBlocks(page: string, folder: string, change = (text: string) => text): Promise<void> {
  for (const { file, text } of await readBlocks(page)) {
    if (file === undefined) continue;
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), change(text));
  }
}
