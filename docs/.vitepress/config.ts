import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { replaceOutsideLinks } from './outside-links.ts';
import { checkPages, createNav, createSidebar } from './sidebar.ts';

const drawing = readFileSync(join(import.meta.dirname, '../../service/pages/src/latchkey.svg'), 'utf8');
const logo = `data:image/svg+xml,${encodeURIComponent(drawing)}`;

export default defineConfig({
  title: 'Latchkey',
  description: 'Sign-in and sessions for applications whose front ends hold a live socket',
  lang: 'en',
  cleanUrls: true,
  head: [['link', { rel: 'icon', href: logo }]],
  markdown: { config: replaceOutsideLinks },
  buildEnd: ({ pages }) => checkPages(pages),
  transformPageData({ relativePath }) {
    // Its table has many columns, which need the space of the outline.
    return relativePath === 'why/peers.md' ? { frontmatter: { aside: false } } : undefined;
  },
  themeConfig: {
    logo,
    nav: createNav(),
    sidebar: createSidebar(),
    outline: 'deep',
    search: { provider: 'local' },
    footer: { message: 'MIT License' },
  },
});
