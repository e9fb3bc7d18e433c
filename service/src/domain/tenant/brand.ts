import type { LogoType } from './logo.ts';

/** How the pages and mails of a tenant look. `null`: as those of the service. */
export interface StoredBrand {
  readonly name: string | null;
  /** `#rrggbb` in lower case. */
  readonly colour: string | null;
  readonly logo: {
    readonly hash: string;
    readonly type: LogoType;
    readonly width: number;
    readonly height: number;
  } | null;
}

/** What is absent looks as that of the service, but for the logo: absent, the present one stays. */
export interface BrandUpdate {
  readonly name?: string | undefined;
  readonly colour?: string | undefined;
  /** Base64. */
  readonly logo?: string | null | undefined;
}

/** The darker background of the pages in light mode. In dark mode the pages mix the colour with white. */
export const brandBackground = '#f4f5f8';
/** WCAG 2.2 success criterion 1.4.3. */
const minContrast = 4.5;

/** What is wrong with a colour, as a text; `undefined`: nothing. */
export function colourMistake(colour: string): string | undefined {
  if (!/^#[\da-f]{6}$/.test(colour)) return 'has to be a colour such as #1f4fd8';
  const contrast = contrastRatio(colour, brandBackground);
  if (contrast >= minContrast) return undefined;
  return `has a contrast of ${contrast.toFixed(2)}:1 to the background ${brandBackground}; use a darker one, with ${minContrast}:1`;
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrastRatio(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => toLinear(Number.parseInt(colour.slice(at, at + 2), 16)));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function toLinear(channel: number): number {
  const part = channel / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}
