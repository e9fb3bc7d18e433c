import { PNG } from 'image-size/types/png';
import { WEBP } from 'image-size/types/webp';

/** Media types of logos, and how the name of each file ends. */
export const logoTypes = { png: 'image/png', webp: 'image/webp' } as const;
export type LogoType = keyof typeof logoTypes;

/** What the bytes of an image say of themselves. */
interface LogoFormat {
  readonly type: LogoType;
  readonly width: number;
  readonly height: number;
}

/** Most bytes of a logo. */
export const maxLogoBytes = 65_536;
const maxPixels = 2_048;

const isAllowed = (side: number) => side >= 1 && side <= maxPixels;

/**
 * The format of a logo, read from its bytes: PNG (RFC 2083) or WebP (RFC 9649). Returns what is wrong with it as a text.
 *
 * @example
 * readLogo(bytes); // { type: 'png', width: 320, height: 80 }
 */
export function readLogo(bytes: Buffer): LogoFormat | string {
  if (bytes.length > maxLogoBytes) return `has more than ${maxLogoBytes} bytes`;
  const format = readFormat(bytes);
  if (format === undefined) return 'is no PNG or WebP image, or not all of one';
  if (isAllowed(format.width) && isAllowed(format.height)) return format;
  return `has sides of more than ${maxPixels} pixels, or of none`;
}

// These two readers alone: the entry point of image-size tries those of all formats, SVG among them.
const readers = [
  { type: 'png', isWhole: isWholePng, ...PNG },
  { type: 'webp', isWhole: isWholeWebp, ...WEBP },
] as const;

function readFormat(bytes: Buffer): LogoFormat | undefined {
  try {
    const reader = readers.find(({ isWhole, validate }) => isWhole(bytes) && validate(bytes));
    if (reader === undefined) return undefined;
    const { width, height } = reader.calculate(bytes);
    return { type: reader.type, width, height };
  } catch {
    // How the readers refuse a header that is none.
    return undefined;
  }
}

const pngBegin = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const pngEnd = Buffer.from('\0\0\0\0IEND\xaeB`\x82', 'latin1');

/** With its last chunk at the end, so that nothing is behind the image. */
function isWholePng(bytes: Buffer): boolean {
  return bytes.length >= 45 && bytes.subarray(0, 8).equals(pngBegin) && bytes.subarray(-12).equals(pngEnd);
}

/** Of the size that its header has (RFC 9649 §2.4). */
function isWholeWebp(bytes: Buffer): boolean {
  return bytes.length >= 30 && bytes.readUInt32LE(4) + 8 === bytes.length;
}
