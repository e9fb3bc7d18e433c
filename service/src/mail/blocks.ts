import escapeHtml from 'escape-html';

/** A part of a mail, of which text and HTML are made. */
export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'link'; readonly label: string; readonly url: string }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] };

/** The plain text of a mail. */
export function toPlainText(blocks: readonly Block[]): string {
  return `${blocks.map(textOf).join('\n\n')}\n`;
}

function textOf(block: Block): string {
  if (block.kind === 'paragraph') return block.text;
  if (block.kind === 'link') return `${block.label}:\n${block.url}`;
  if (block.kind === 'code') return `    ${block.code}`;
  return block.facts.map(([name, value]) => `${name}: ${value}`).join('\n');
}

const body = 'margin:0 auto;padding:24px;max-width:560px;font:16px/1.5 sans-serif';
const button = 'display:inline-block;padding:10px 20px;border-radius:6px;color:#ffffff;text-decoration:none';
const defaultColour = '#1f4fd8';
const digits = 'font:600 28px/1.5 monospace;letter-spacing:4px';

/** How a mail looks. */
export interface MailLook {
  /** Of the button, with white text on it. */
  readonly colour?: string | null | undefined;
  readonly logo?:
    | { readonly url: string; readonly width: number; readonly height: number; readonly text: string }
    | undefined;
}

/** The HTML of a mail: no script, and nothing that is loaded but the logo of the tenant. */
export function toHtml(language: string, title: string, blocks: readonly Block[], look: MailLook = {}): string {
  const head = `<meta charset="utf-8"><title>${escapeHtml(title)}</title>`;
  const parts = [...logoOf(look), ...blocks.map((block) => htmlOf(block, look))].join('\n');
  return `<!doctype html>\n<html lang="${escapeHtml(language)}">\n<head>${head}</head>\n<body style="${body}">\n${parts}\n</body>\n</html>\n`;
}

function logoOf({ logo }: MailLook): string[] {
  if (logo === undefined) return [];
  const { url, width, height, text } = logo;
  return [`<p><img src="${escapeHtml(url)}" width="${width}" height="${height}" alt="${escapeHtml(text)}"></p>`];
}

function htmlOf(block: Block, { colour }: MailLook): string {
  if (block.kind === 'paragraph') return `<p>${escapeHtml(block.text)}</p>`;
  if (block.kind === 'code') return `<p style="${digits}">${escapeHtml(block.code)}</p>`;
  if (block.kind === 'link')
    return `<p><a href="${escapeHtml(block.url)}" style="${button};background:${escapeHtml(colour ?? defaultColour)}">${escapeHtml(block.label)}</a></p>`;
  const rows = block.facts.map(([name, value]) => `${escapeHtml(name)}: ${escapeHtml(value)}`);
  return `<p>${rows.join('<br>')}</p>`;
}

const maxCharacters = 100;

/** Text of a user or an operator on one line: no control characters, nothing that turns its direction, not too long. */
export function toLine(text: string): string {
  const line = text
    .normalize('NFC')
    .replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/(?![\u200c\u200d])[\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '')
    .trim();
  const characters = [...line];
  return characters.length <= maxCharacters ? line : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}

/** Programs that show mail make a link of such text. */
export function isLinkLike(text: string): boolean {
  return /[/@:\\]|[\p{L}\p{N}]\.\p{L}{2}/u.test(text);
}
