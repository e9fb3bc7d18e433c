/** A token as a case changes it: claims, header and, where it matters, the bytes that are sent. */
export interface TokenCase {
  /** `undefined` removes a claim. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly sent?: (token: string) => string;
  readonly accepted: boolean;
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;
const parts = (token: string) => token.split('.') as [string, string, string];
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = (token: string): object => JSON.parse(Buffer.from(parts(token)[1], 'base64url').toString());
const jwk = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) };

/** What every entry point has to judge alike (RFC 9068 §4, RFC 8725 §3, RFC 7519 §4.1), by the audience it expects. */
export const tokenCases = (audience: string): Readonly<Record<string, TokenCase>> => ({
  'as it was issued': { accepted: true },
  // RFC 9068 §4: the type, with or without its media type's prefix, in any case (RFC 7515 §4.1.9).
  'typ application/at+jwt': { header: { typ: 'application/at+jwt' }, accepted: true },
  'typ AT+JWT': { header: { typ: 'AT+JWT' }, accepted: true },
  'typ JWT': { header: { typ: 'JWT' }, accepted: false },
  'typ session+jwt': { header: { typ: 'session+jwt' }, accepted: false },
  'no typ': { header: { typ: undefined }, accepted: false },
  // RFC 8725 §3.1, §3.2.
  'no kid': { header: { kid: undefined }, accepted: false },
  'a kid that is no text': { header: { kid: 7 }, accepted: false },
  'a kid that no key has': { header: { kid: 'forged' }, accepted: false },
  'a key of its own in the header': { header: { kid: 'forged', jwk }, accepted: false },
  'an extension that is critical': { header: { crit: ['b64'], b64: true }, accepted: false },
  'alg HS256': { header: { alg: 'HS256' }, accepted: false },
  'alg none and no signature': {
    sent: (token) => `${encoded({ alg: 'none', typ: 'at+jwt' })}.${parts(token)[1]}.`,
    accepted: false,
  },
  'other claims under the signature': {
    sent: (token) => `${parts(token)[0]}.${encoded({ ...payloadOf(token), tid: 'else' })}.${parts(token)[2]}`,
    accepted: false,
  },
  'a changed signature': { sent: (token) => token.replace(/.{8}$/, 'AAAAAAAA'), accepted: false },
  'no JWT': { sent: () => 'opaque', accepted: false },
  'more characters than a credential may have': { claims: { note: 'x'.repeat(11_000) }, accepted: false },
  // RFC 9068 §4, RFC 7519 §4.1.3: issued for this audience alone, which is written as text.
  'another issuer': { claims: { iss: 'https://else.test' }, accepted: false },
  'an issuer with a slash more': { claims: { iss: 'http://localhost:4000/' }, accepted: false },
  'another audience': { claims: { aud: 'https://else.test' }, accepted: false },
  'a list of one audience': { claims: { aud: [audience] }, accepted: false },
  'a list of more audiences': { claims: { aud: [audience, 'https://else.test'] }, accepted: false },
  'no audience': { claims: { aud: undefined }, accepted: false },
  // RFC 7519 §4.1.4 to §4.1.6, with 5 seconds for clocks that differ.
  'exp 3 s ago': { claims: { exp: inSeconds(-3) }, accepted: true },
  'exp 7 s ago': { claims: { exp: inSeconds(-7) }, accepted: false },
  'no exp': { claims: { exp: undefined }, accepted: false },
  'exp as text': { claims: { exp: String(inSeconds(300)) }, accepted: false },
  'exp that is no whole number': { claims: { exp: inSeconds(300) + 0.5 }, accepted: false },
  'nbf 4 s ahead': { claims: { nbf: inSeconds(4) }, accepted: true },
  'nbf 60 s ahead': { claims: { nbf: inSeconds(60) }, accepted: false },
  'nbf as text': { claims: { nbf: String(inSeconds(-60)) }, accepted: false },
  'iat 31 s ahead': { claims: { iat: inSeconds(31) }, accepted: true },
  'iat as text': { claims: { iat: String(inSeconds(-1)) }, accepted: false },
  'no iat': { claims: { iat: undefined }, accepted: false },
  // RFC 9068 §2.2, types and sizes.
  'no sub': { claims: { sub: undefined }, accepted: false },
  'sub that is no id': { claims: { sub: 'ada' }, accepted: false },
  'sub of 6 KB': { claims: { sub: 'a'.repeat(6_144) }, accepted: false },
  'no sid': { claims: { sid: undefined }, accepted: false },
  'sid that is an object': { claims: { sid: { $ne: '' } }, accepted: false },
  'no tid': { claims: { tid: undefined }, accepted: false },
  'tid of 64 characters': { claims: { tid: 't'.repeat(64) }, accepted: false },
  'no jti': { claims: { jti: undefined }, accepted: false },
  'jti that is a number': { claims: { jti: 7 }, accepted: false },
  'no client_id': { claims: { client_id: undefined }, accepted: false },
  'no auth_time': { claims: { auth_time: undefined }, accepted: false },
  'auth_time as text': { claims: { auth_time: '1' }, accepted: false },
  'amr that is no list': { claims: { amr: 'pwd' }, accepted: false },
  'scope that is a list': { claims: { scope: ['read'] }, accepted: false },
  'cnf without a thumbprint': { claims: { cnf: {} }, accepted: false },
  'cnf with a thumbprint of another length': { claims: { cnf: { jkt: 'A'.repeat(42) } }, accepted: false },
});
