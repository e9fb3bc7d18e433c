/** One challenge of `WWW-Authenticate` (RFC 9110 §11.6.1); names in lower case. */
interface AuthChallenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Matches `name="quoted"`, `name=token`, or a scheme. Anything else, such as a token68, counts as a scheme. */
const challengeTokens = /([^\s,="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,="]+))|[^\s,="]+/g;

/** Parses the challenges of a header, in order. Parts that cannot be parsed are left out. */
export function parseChallenges(header: string): AuthChallenge[] {
  const found: { scheme: string; parameters: Record<string, string> }[] = [];
  for (const [text, name, quoted, plain] of header.matchAll(challengeTokens)) {
    if (name === undefined) found.push({ scheme: text.toLowerCase(), parameters: {} });
    else Object.assign(found.at(-1)?.parameters ?? {}, { [name.toLowerCase()]: plain ?? unescaped(quoted) });
  }
  return found;
}

function unescaped(quoted = ''): string {
  return quoted.replace(/\\(.)/g, '$1');
}

/**
 * Returns the challenge of the service or of a backend's guard, which have the realm `latchkey`. Returns `undefined` for a 401 of
 * a proxy, a gateway or another API, because a new token of this session would not help there.
 */
export function challengeForRealm(response: Response): AuthChallenge | undefined {
  if (response.status !== 401) return undefined;
  return parseChallenges(response.headers.get('www-authenticate') ?? '').find(
    ({ scheme, parameters }) => (scheme === 'bearer' || scheme === 'dpop') && parameters.realm === 'latchkey',
  );
}
