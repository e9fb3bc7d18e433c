/** The times of a JWT that this process has just signed, in epoch seconds. */
export function peekJwtTimes(token: string): { readonly iat: number; readonly exp: number } {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
}
