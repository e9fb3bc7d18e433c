import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate with its key, in PEM. */
interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** DER (X.690): tag, length, content. */
function encode(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]) => encode(0x30, ...parts);
const time = (text: string) => encode(0x17, Buffer.from(text));
/** ecdsa-with-SHA256, and the attribute commonName. */
const algorithm = sequence(encode(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
const commonName = encode(0x06, Buffer.from('550403', 'hex'));
const nameOf = (text: string) => sequence(encode(0x31, sequence(commonName, encode(0x0c, Buffer.from(text)))));

/**
 * Makes a certificate (RFC 5280), from 2020 to 2049, that nothing on this machine trusts.
 *
 * @param host its common name
 * @param isSelfSigned false: another key, which is not kept, has signed it
 * @example
 * const { certificate: cert, key } = makeCertificate({ host: 'localhost' });
 * createServer({ cert, key }, handler);
 */
export function makeCertificate({ host = 'localhost', isSelfSigned = true } = {}): Certificate {
  const { privateKey, publicKey } = makeKeys();
  const [issuer, signer] = isSelfSigned ? [host, privateKey] : ['Another authority', makeKeys().privateKey];
  const body = sequence(
    encode(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    nameOf(issuer),
    sequence(time('200101000000Z'), time('491231235959Z')),
    nameOf(host),
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = encode(0x03, Buffer.from([0]), sign('sha256', body, signer));
  const text = sequence(body, algorithm, signature).toString('base64').replaceAll(/.{64}/g, '$&\n');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const makeKeys = (): { privateKey: KeyObject; publicKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' });
