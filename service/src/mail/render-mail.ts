import { paths } from '@latchkey/contract';
import type { LeasedMail, MailData, MailTemplate, RenderedMail } from '../domain/mail/mail.ts';
import { type OneTimePurpose, oneTimePurposes } from '../domain/one-time-token/one-time-token.ts';
import { type Block, isLinkLike, type MailLook, toHtml, toLine, toPlainText } from './blocks.ts';
import { type Catalogue, type Catalogues, findCatalogue } from './catalogue.ts';
import type { MailLinks } from './mail-links.ts';

/** What the words of a mail are made of. */
export type MailContent = Pick<LeasedMail, 'data' | 'isProved' | 'locale' | 'template' | 'tenantId' | 'tenantName'> &
  Partial<Pick<LeasedMail, 'brand'>>;

/** What a mail shows, after everything was left out that its recipient must not get. */
interface ShownData extends Omit<MailData, 'secret'> {
  readonly link?: string | undefined;
  /** Minutes for which link and code are valid. */
  readonly validMinutes?: number | undefined;
}

/** A mail that can never be sent as it is. */
export class UnsendableMailError extends Error {
  override readonly name = 'UnsendableMailError';
}

/** What the link of a mail is for. Other mails have none. */
const purposeOf: { readonly [Template in MailTemplate]?: OneTimePurpose } = {
  verify_email: 'verify_email',
  reset_password: 'reset_password',
  sign_in: 'sign_in',
  change_email: 'change_email',
  email_changed: 'undo_email_change',
  invitation: 'accept_invitation',
};

/**
 * What a mail may show. What a caller wrote reaches only the verified address of the user, and a name that programs would
 * make a link of reaches none.
 *
 * @throws UnsendableMailError no page takes the link
 */
export function toShownData({ template, data, isProved }: MailContent, links: Pick<MailLinks, 'make'>): ShownData {
  const purpose = purposeOf[template];
  const link = data.secret === undefined || purpose === undefined ? undefined : links.make(purpose, data.secret);
  if (data.secret !== undefined && link === undefined)
    throw new UnsendableMailError(`no page takes a link of ${template}`);
  const hasSecret = purpose !== undefined && (link !== undefined || data.code !== undefined);
  const name = data.name === undefined ? '' : toLine(data.name);
  return {
    ...{ link, code: data.code, at: data.at },
    validMinutes: hasSecret ? oneTimePurposes[purpose] : undefined,
    ...(isProved ? { browser: data.browser && toLine(data.browser), email: data.email && toLine(data.email) } : {}),
    ...(isProved && name !== '' && !isLinkLike(name) ? { name } : {}),
  };
}

/**
 * Subject, text and HTML of a mail, in its language. A logo is loaded from `logoOrigin`.
 *
 * @example
 * const { subject, text, html } = renderMail(mail, toShownData(mail, links), await loadCatalogues());
 */
export function renderMail(
  mail: MailContent,
  shown: ShownData,
  catalogues: Catalogues,
  logoOrigin?: string,
): RenderedMail {
  const { language, catalogue } = findCatalogue(catalogues, mail.locale);
  const words = catalogue.mails[mail.template];
  const values = {
    tenant: toLine(mail.tenantName),
    name: shown.name,
    validity: shown.validMinutes === undefined ? undefined : formatMinutes(shown.validMinutes, language),
  };
  const paragraph = (text: string): Block => ({ kind: 'paragraph', text: fill(text, values) });
  const blocks: Block[] = [
    paragraph(shown.name === undefined ? catalogue.greeting : catalogue.greetingByName),
    ...words.intro.map(paragraph),
    ...factBlocks(shown, catalogue, language),
    ...secretBlocks(shown, catalogue, words.action ?? '', paragraph),
    ...words.outro.map(paragraph),
  ];
  const subject = fill(words.subject, values);
  return { subject, text: toPlainText(blocks), html: toHtml(language, subject, blocks, toLook(mail, logoOrigin)) };
}

/** Without an origin there is no logo: programs that show mail load images over https alone. */
function toLook({ brand, tenantName }: MailContent, origin: string | undefined): MailLook {
  const { colour, logo } = brand ?? {};
  if (logo == null || origin === undefined) return { colour };
  const scale = Math.min(1, logoBox.width / logo.width, logoBox.height / logo.height);
  const scaled = (side: number) => Math.max(1, Math.round(side * scale));
  const url = `${origin}${paths.brandLogos}/${logo.hash}.${logo.type}`;
  return { colour, logo: { url, width: scaled(logo.width), height: scaled(logo.height), text: toLine(tenantName) } };
}

/** Most pixels of a logo in a mail. */
const logoBox = { width: 240, height: 48 };

function secretBlocks(
  { link, code, validMinutes }: ShownData,
  catalogue: Catalogue,
  label: string,
  paragraph: (text: string) => Block,
): Block[] {
  return [
    ...(link === undefined ? [] : [{ kind: 'link', label, url: link } as const]),
    ...(code === undefined ? [] : [paragraph(catalogue.code), { kind: 'code', code } as const]),
    ...(validMinutes === undefined ? [] : [paragraph(catalogue.validity)]),
  ];
}

function factBlocks({ at, browser, email }: ShownData, catalogue: Catalogue, language: string): Block[] {
  const facts = [
    [catalogue.newAddress, email],
    [catalogue.time, at === undefined ? undefined : formatTime(at, language)],
    [catalogue.browser, browser],
  ] as const;
  const known = facts.flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  return known.length === 0 ? [] : [{ kind: 'facts', facts: known }];
}

/** In one pass, so that nothing is replaced in what was filled in. */
function fill(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => values[name] ?? '');
}

function formatTime(at: string, language: string): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return '';
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(time)} UTC`;
}

const units = [
  ['day', 24 * 60],
  ['hour', 60],
] as const;

function formatMinutes(minutes: number, language: string): string {
  const [unit, size] = units.find((one) => minutes >= 2 * one[1] && minutes % one[1] === 0) ?? ['minute', 1];
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(minutes / size);
}
