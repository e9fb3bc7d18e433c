import jwt from 'jsonwebtoken';

/**
 * Reads JWTs (HS256) that the host application itself signed with one of the service's secrets. Nothing else accepts them: the
 * service's own tokens are signed with keys derived from the secrets.
 *
 * @returns a function that gives the claims, or `undefined` for any other text
 * @example
 * const readHostToken = createHostTokenReader(secrets);
 * readHostToken(jwt.sign({ sub: userId }, secrets[0]));
 */
export function createHostTokenReader(secrets: readonly string[]): (token: string) => jwt.JwtPayload | undefined {
  return (token) => {
    for (const secret of secrets) {
      try {
        // The service caps its life by the database's clock.
        const claims = jwt.verify(token, secret, {
          algorithms: ['HS256'],
          ignoreExpiration: true,
          ignoreNotBefore: true,
        });
        if (typeof claims === 'object') return claims;
      } catch {}
    }
    return undefined;
  };
}
