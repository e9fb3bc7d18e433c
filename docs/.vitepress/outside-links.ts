import { relative, resolve } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { readManifest, repositoryAddress } from '../../scripts/published-packages.ts';

const repository = resolve(import.meta.dirname, '../..');

const isRelative = (href: string) => !/^(?:[a-z]+:|#|\/)/.test(href);

/** Where the site leads in place of a file that is no page: the API of an SDK for its README, the public repository for others. */
function siteLinkOf(file: string, hash: string): string {
  const [, sdk] = /^(sdk-\w+)\/README\.md$/.exec(file) ?? [];
  return sdk === undefined
    ? `${repositoryAddress(readManifest(repository))}/blob/main/${file}${hash}`
    : `/reference/api/${sdk}`;
}

/**
 * The link of the site for a link of a page. Those to files that are no pages are replaced, because the site does not have these files.
 *
 * @param href as it is written in the page
 * @param page path of the page's file
 * @example
 * toSiteLink('../../Dockerfile', 'docs/run/operations.md'); // https://…/blob/main/Dockerfile
 */
function toSiteLink(href: string, page: string): string {
  if (!isRelative(href)) return href;
  const [path = '', fragment] = href.split('#');
  const file = relative(repository, resolve(page, '..', path));
  const isPage = file.startsWith('docs/') && (path === '' || path.endsWith('.md'));
  return isPage ? href : siteLinkOf(file, fragment === undefined ? '' : `#${fragment}`);
}

/** Makes the renderer write the links of the site, before it looks for pages that do not exist. */
export function replaceOutsideLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('replace-outside-links', ({ tokens, env }) => {
    for (const link of tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open'))
      link.attrSet('href', toSiteLink(link.attrGet('href') ?? '', env.path));
  });
}
