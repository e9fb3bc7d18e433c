import { isIP } from 'node:net';
import { parseOrigin } from '@latchkey/contract';
import { z } from 'zod';
import { parseAppUrl } from '../base/app-url.ts';
import { parseMailFrom, parseSmtpUrl } from './mail-settings.ts';

/** Kinds of settings. Each takes the text of an environment variable without white space around it. */

const unique = (texts: readonly string[]) => [...new Set(texts)];

const listBy = (separator: RegExp) =>
  z
    .string()
    .default('')
    .transform((text) => unique(text.split(separator).map((part) => part.trim())).filter((part) => part !== ''));

/** Texts separated by commas. Empty and repeated ones are removed. */
export const list = listBy(/,/);

/** Texts without spaces, separated by commas or white space, as in a folded YAML scalar. Empty and repeated ones are removed. */
export const wordList = listBy(/[\s,]/);

const booleanWords: Readonly<Record<string, boolean>> = {
  ...{ true: true, yes: true, on: true, 1: true },
  ...{ false: false, no: false, off: false, 0: false },
};

export const booleanText = z
  .string()
  .transform((text) => booleanWords[text.toLowerCase()])
  .pipe(z.boolean('has to be true or false'));

export const booleanSetting = (fallback: boolean) => booleanText.default(fallback);

export function choice<const Name extends string>(names: readonly Name[], fallback: NoInfer<Name>) {
  const sentence = `has to be one of ${names.join(', ')}`;
  return z.string().toLowerCase().pipe(z.enum(names, sentence)).default(fallback);
}

export function integer(min: number, max: number) {
  const sentence = `has to be a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d+$/, sentence).transform(Number).pipe(z.number().min(min, sentence).max(max, sentence));
}

/** `production` in any case, and no short form of it, which would start without its checks. */
export const nodeEnv = z
  .string()
  .toLowerCase()
  .refine((text) => !/^prod(uctive)?$/.test(text), 'has to be production, written in full');

export const host = z
  .string()
  .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
  .refine(
    (text) => isIP(text) !== 0 || /^[a-z\d_-]+(\.[a-z\d_-]+)*$/i.test(text),
    'has to be an address or a host name, without scheme and port',
  );

export const network = z
  .string()
  .toLowerCase()
  .refine(isAddressRange, 'has to name addresses or networks like 10.0.0.0/8');

/** What a function that judges a text says of it; the value is beside it. */
type ValidationResult = { readonly mistake: string } | { readonly mistake?: undefined };

function validated<Good extends ValidationResult, T>(
  judge: (text: string) => Good,
  read: (verdict: Good, text: string) => T,
  isItem = true,
) {
  return z.string().transform((text, context) => {
    const verdict = judge(text);
    if (verdict.mistake === undefined) return read(verdict, text);
    const item = text.includes('@') ? 'an item' : `the item ${text}`;
    context.addIssue({ code: 'custom', message: isItem ? `has ${item}, which ${verdict.mistake}` : verdict.mistake });
    return z.NEVER;
  });
}

/** An origin that requests go to. */
export const origin = validated(
  (text) => parseOrigin(text, 'server'),
  ({ origin = '' }) => origin,
  false,
);

const pageOrigin = validated(
  (text) => parseOrigin(text, 'pages'),
  ({ origin = '' }) => origin,
);

/** Origins of pages, which the header `Origin` is compared with. */
export const origins = wordList.pipe(z.array(pageOrigin)).transform(unique);

const spellings = validated(parseAppUrl, ({ url = '' }, text) => [text, url]);

/** Redirect URLs as they were written and in their canonical spelling, because requests are compared exactly. */
export const appUrls = wordList.pipe(z.array(spellings)).transform((all) => unique(all.flat()));

/** A mail server, as its URL. */
export const smtpUrl = validated(parseSmtpUrl, (_server, text) => text, false);

/** An address, or `Name <address>`. */
export const mailFrom = validated(parseMailFrom, (_sender, text) => text, false);

const names = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** An address, a network (`10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `fd00::/8`), or the name of local ones. */
function isAddressRange(text: string): boolean {
  if (names.has(text)) return true;
  const [address = '', size, ...rest] = text.split('/');
  const kind = isIP(address);
  return kind !== 0 && rest.length === 0 && (size === undefined || isPrefixLength(size, kind));
}

function isPrefixLength(size: string, kind: number): boolean {
  if (/^\d+$/.test(size)) return Number(size) >= 1 && Number(size) <= (kind === 4 ? 32 : 128);
  return kind === 4 && isIP(size) === 4;
}
