import { readFileSync } from 'node:fs';

/**
 * True if a page has a heading of this anchor, or no anchor is given. Anchors are those of GitHub: lower case, hyphens for
 * spaces, no other punctuation.
 */
export function hasHeading(file: string, anchor: string | undefined): boolean {
  if (anchor === undefined) return true;
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!);
  return headings.some((title) => toAnchor(title) === anchor);
}

function toAnchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}
