import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A block of code of a page of docs/build/browser. */
export interface DocsBlock {
  /** The page's file name. */
  readonly page: string;
  readonly language: 'ts' | 'tsx' | 'html' | 'vue' | 'svelte';
  /** Where its first line says that it stands; a whole page of HTML says nothing. */
  readonly file: string;
  readonly text: string;
}

const pages = 'docs/build/browser';

/** All blocks that are code of an app. */
export async function readDocsCode(): Promise<readonly DocsBlock[]> {
  const blocks = await Promise.all((await readdir(pages)).map((page) => readDocsPage(page)));
  return [...blocks.flat(), ...(await readDocsPage('accounts.md', 'docs/build'))];
}

/** The blocks of a page that are code of an app. */
export async function readDocsPage(page: string, folder = pages): Promise<DocsBlock[]> {
  const text = await readFile(join(folder, page), 'utf8');
  return [...text.matchAll(/^```(ts|tsx|html|vue|svelte)\n(.*?)^```$/gms)].map(([, language, block = '']) => {
    const [, file = ''] = /^(?:\/\/|<!--) (\S+)/.exec(block) ?? [];
    if (file === '' && language !== 'html') throw new Error(`${page}: a block of ${language} does not say its file`);
    return { page, language: language as DocsBlock['language'], file, text: block };
  });
}
