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

/**
 * The format of a logo, read from its bytes: PNG (RFC 2083) or WebP (RFC 9649). Returns what is wrong with it as a text.
 *
 * @example
 * readLogo(bytes); // { type: 'png', width: 320, height: 80 }
 */
export function readLogo(bytes: Buffer): LogoFormat | string {
  if (bytes.length > maxLogoBytes) return `has more than ${maxLogoBytes} bytes`;
  const format = readPng(bytes) ?? readWebp(bytes);
  if (format === undefined) return 'is no PNG or WebP image, or not all of one';
  const isSized = [format.width, format.height].every((side) => side >= 1 && side <= maxPixels);
  return isSized ? format : `has sides of more than ${maxPixels} pixels, or of none`;
}

const pngBegin = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const pngEnd = Buffer.from('\0\0\0\0IEND\xaeB`\x82', 'latin1');

function readPng(bytes: Buffer): LogoFormat | undefined {
  const isWhole = bytes.subarray(0, 8).equals(pngBegin) && bytes.subarray(-12).equals(pngEnd);
  if (!isWhole || bytes.length < 45 || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { type: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function readWebp(bytes: Buffer): LogoFormat | undefined {
  if (bytes.length < 30 || bytes.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  if (bytes.toString('latin1', 8, 12) !== 'WEBP' || bytes.readUInt32LE(4) + 8 !== bytes.length) return undefined;
  const size = webpSizes[bytes.toString('latin1', 12, 16)]?.(bytes);
  return size && { type: 'webp', width: size[0], height: size[1] };
}

/** Width and height by the first chunk, RFC 9649 §2.5 to §2.7. */
const webpSizes: Readonly<Record<string, (bytes: Buffer) => readonly [number, number] | undefined>> = {
  'VP8 ': (bytes) =>
    bytes.readUIntBE(23, 3) === 0x9d012a
      ? [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff]
      : undefined,
  VP8L: (bytes) => {
    const bits = bytes.readUInt32LE(21);
    return bytes[20] === 0x2f ? [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1] : undefined;
  },
  VP8X: (bytes) => [bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1],
};
