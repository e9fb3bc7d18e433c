import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultTheme } from 'vitepress';
import { sections } from './sections.ts';

type Item = DefaultTheme.SidebarItem;

const root = join(import.meta.dirname, '..');

/** The first heading of a page, without its code marks. */
function titleOf(page: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(root, `${page}.md`), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`docs/${page}.md has no heading of level 1`);
  return title.replaceAll('`', '').replaceAll('\\', '');
}

const pagesOf = (folder: string) =>
  readdirSync(join(root, folder), { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('.md') && name !== 'index.md')
    .map((name) => folder + name.slice(0, -'.md'.length))
    .sort();

const linkTo = (page: string): Item => ({ text: titleOf(page), link: `/${page}` });

/** A page, or a folder: its `index.md`, with its other pages below. */
function toItem(name: string): Item {
  if (!name.endsWith('/')) return linkTo(name);
  return { text: titleOf(`${name}index`), link: `/${name}`, collapsed: true, items: pagesOf(name).map(linkTo) };
}

/** The folder of a section, as of its first page: `run/`. */
const folderOf = ([first = '']: readonly string[]) => first.slice(0, first.indexOf('/') + 1);

const isIn = (page: string, names: readonly string[]) =>
  names.some((name) => (name.endsWith('/') ? page.startsWith(name) : page === name));

/** The sections with their pages. Each page has its first heading as its name. */
export function createSidebar(): Item[] {
  return Object.entries(sections).map(([text, pages]) => {
    const unlisted = pagesOf(folderOf(pages)).filter((page) => !isIn(page, pages));
    return { text, collapsed: true, items: [...pages, ...unlisted].map(toItem) };
  });
}

/** The first page of each section. */
export function createNav(): DefaultTheme.NavItem[] {
  return Object.entries(sections).map(([text, pages]) => ({
    text,
    link: `/${pages[0]}`,
    activeMatch: `^/${folderOf(pages)}`,
  }));
}

/** Throws for pages that are in no folder of a section. */
export function checkPages(pages: readonly string[]): void {
  const folders = Object.values(sections).map(folderOf);
  const missing = pages.filter((page) => page !== 'index.md' && !isIn(page, folders));
  if (missing.length > 0) throw new Error(`docs/.vitepress/sections.ts has no section for ${missing.join(', ')}`);
}
